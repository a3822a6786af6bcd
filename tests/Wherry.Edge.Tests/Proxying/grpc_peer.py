"""Both ends of a gRPC service, by Debian's python3-grpcio: `serve HOST:PORT ID`, or `call EDGE HOST`."""
import sys
import time
from concurrent import futures

import grpc

LARGE = 8 << 20
LIMITS = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]


def serve(address, name):
    def say(request, context):
        context.send_initial_metadata((("x-replica", name),))
        context.set_trailing_metadata((("x-trailer", "last"), ("x-bytes-bin", b"\x00\xff")))
        return name.encode() + b":" + request

    def refuse(request, context):
        context.abort(grpc.StatusCode.NOT_FOUND, "no such thing: bücher")

    def sleep(request, context):
        time.sleep(10)
        return b""

    def count(request, context):
        for i in range(5):
            yield str(i).encode()
            time.sleep(0.05)

    def total(requests, context):
        return str(sum(len(r) for r in requests)).encode()

    def echo(requests, context):
        for request in requests:
            yield request

    handlers = {
        "say": grpc.unary_unary_rpc_method_handler(say),
        "refuse": grpc.unary_unary_rpc_method_handler(refuse),
        "sleep": grpc.unary_unary_rpc_method_handler(sleep),
        "count": grpc.unary_stream_rpc_method_handler(count),
        "total": grpc.stream_unary_rpc_method_handler(total),
        "echo": grpc.stream_stream_rpc_method_handler(echo),
    }
    server = grpc.server(futures.ThreadPoolExecutor(8), options=LIMITS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("wherry.Test", handlers),))
    assert server.add_insecure_port(address)
    server.start()
    print("serves", flush=True)
    sys.stdin.read()
    server.stop(0)


def call(edge, host):
    with grpc.insecure_channel(edge, options=LIMITS + [("grpc.default_authority", host)]) as channel:
        answer, done = channel.unary_unary("/wherry.Test/say").with_call(b"hello", timeout=10, metadata=(("x-sent-bin", b"\x01"),))
        assert answer.endswith(b":hello"), answer
        assert ("x-trailer", "last") in done.trailing_metadata() and ("x-bytes-bin", b"\x00\xff") in done.trailing_metadata(), done.trailing_metadata()
        assert done.initial_metadata()[0].key, "no initial metadata"

        try:
            channel.unary_unary("/wherry.Test/refuse")(b"", timeout=10)
            raise AssertionError("not refused")
        except grpc.RpcError as e:
            assert (e.code(), e.details()) == (grpc.StatusCode.NOT_FOUND, "no such thing: bücher"), e

        try:
            channel.unary_unary("/wherry.Test/sleep")(b"", timeout=0.3)
            raise AssertionError("not too late")
        except grpc.RpcError as e:
            assert e.code() == grpc.StatusCode.DEADLINE_EXCEEDED, e

        start, times = time.monotonic(), []
        for i, message in enumerate(channel.unary_stream("/wherry.Test/count")(b"", timeout=10)):
            assert message == str(i).encode()
            times.append(time.monotonic() - start)
        assert len(times) == 5 and times[0] < times[-1] - 0.1, times

        assert channel.stream_unary("/wherry.Test/total")(iter([b"x" * LARGE] * 4), timeout=30) == str(4 * LARGE).encode()

        # Each message waits for the answer to the one before it.
        heard = []

        def speak():
            for i in range(20):
                while len(heard) < i:
                    time.sleep(0.002)
                yield str(i).encode()

        for message in channel.stream_stream("/wherry.Test/echo")(speak(), timeout=20):
            heard.append(message)
        assert heard == [str(i).encode() for i in range(20)], heard

        assert len(channel.stream_stream("/wherry.Test/echo")(iter([b"y" * LARGE]), timeout=30).next()) == LARGE
    print("all well")


def load(edge, host, seconds):
    """Unary calls one after the other; says which replicas answered, and fails when one call did."""
    seen = []
    with grpc.insecure_channel(edge, options=[("grpc.default_authority", host)]) as channel:
        say, end, calls = channel.unary_unary("/wherry.Test/say"), time.monotonic() + seconds, 0
        while time.monotonic() < end:
            name = say(b"", timeout=10).split(b":")[0].decode()
            calls += 1
            if not seen or seen[-1] != name:
                seen.append(name)
                print(name, flush=True)
    print(f"{calls} calls", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", address, name]:
            serve(address, name)
        case ["call", edge, host]:
            call(edge, host)
        case ["load", edge, host, seconds]:
            load(edge, host, float(seconds))
