"""Both ends of a WebSocket, by Debian's python3-websockets: `serve HOST PORT`, or `call URI HOST PORT`. Both compress (permessage-deflate)."""
import asyncio, http, sys
import websockets


async def answer(socket):
    try:
        await echo(socket)
    except websockets.ConnectionClosed:
        pass
    print("closed", socket.close_code, socket.close_reason, flush=True)


async def echo(socket):
    async for message in socket:
        if message == "compressed?":
            message = str([extension.name for extension in socket.extensions])
        elif message == "ping me":
            await asyncio.wait_for(await socket.ping(b"x" * 125), 10)
            message = "ponged"
        elif isinstance(message, str) and message.startswith("close "):
            await socket.close(int(message.split()[1]), "why")
            return
        elif message == "in pieces":
            await socket.send(iter(["in ", "", "pieces"]))
            continue
        await socket.send(message)


async def up(path, headers):
    return (http.HTTPStatus.OK, [], b"well\n") if path == "/up" else None


async def serve(host, port):
    async with websockets.serve(answer, host, int(port), process_request=up, max_size=None, ping_interval=None):
        print("serves", flush=True)
        await asyncio.Future()


async def call(uri, host, port):
    async with websockets.connect(uri, host=host, port=int(port), max_size=None, ping_interval=None) as socket:
        for message in ["", "x", "é€𝄞" * 40_000, b"", bytes(range(256)) * 5000]:
            await socket.send(message)
            got = b"" if isinstance(message, bytes) else ""
            while len(got) < len(message) or not message:
                got += await asyncio.wait_for(socket.recv(), 20)
                if not message:
                    break
            assert got == message, len(message)
        await asyncio.wait_for(await socket.ping(b"p"), 10)
        await socket.send(iter(["frag", "ment", "s"]))
        assert await asyncio.wait_for(socket.recv(), 20) == "fragments"
        await socket.close(4002, "enough")
    print("called", socket.close_code, socket.close_reason, flush=True)


asyncio.run({"serve": serve, "call": call}[sys.argv[1]](*sys.argv[2:]))
