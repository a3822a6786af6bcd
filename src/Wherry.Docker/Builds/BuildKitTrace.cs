using Google.Protobuf;

namespace Wherry.Docker;

/// <summary>BuildKit's <c>moby.buildkit.v1.StatusResponse</c>: what changed since the one before. Field numbers are those of its control.proto.</summary>
internal sealed record BuildKitTrace(IReadOnlyList<TraceVertex> Vertexes, IReadOnlyList<TraceStatus> Statuses, IReadOnlyList<TraceLog> Logs)
{
    /// <exception cref="InvalidProtocolBufferException">Not such a message.</exception>
    public static BuildKitTrace Decode(byte[] bytes)
    {
        List<TraceVertex> vertexes = [];
        List<TraceStatus> statuses = [];
        List<TraceLog> logs = [];
        ProtoFields.Read(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1:
                    vertexes.Add(TraceVertex.Decode(input.ReadBytes()));
                    return true;
                case 2:
                    statuses.Add(TraceStatus.Decode(input.ReadBytes()));
                    return true;
                case 3:
                    logs.Add(TraceLog.Decode(input.ReadBytes()));
                    return true;
                default:
                    return false;
            }
        });
        return new(vertexes, statuses, logs);
    }
}

/// <summary>A step.</summary>
internal sealed record TraceVertex(string Digest, string Name, bool Cached, DateTimeOffset? Started, DateTimeOffset? Completed, string Error)
{
    public static TraceVertex Decode(ByteString bytes)
    {
        var vertex = new TraceVertex("", "", false, null, null, "");
        ProtoFields.Read(bytes.ToByteArray(), (field, input) =>
        {
            vertex = field switch
            {
                1 => vertex with { Digest = input.ReadString() },
                3 => vertex with { Name = input.ReadString() },
                4 => vertex with { Cached = input.ReadBool() },
                5 => vertex with { Started = ProtoFields.Timestamp(input.ReadBytes()) },
                6 => vertex with { Completed = ProtoFields.Timestamp(input.ReadBytes()) },
                7 => vertex with { Error = input.ReadString() },
                _ => vertex,
            };
            return field is 1 or (>= 3 and <= 7);
        });
        return vertex;
    }
}

/// <summary>A part of a step's work, with its amount.</summary>
internal sealed record TraceStatus(string Id, string Vertex, long Current, long Total, bool IsCompleted)
{
    public static TraceStatus Decode(ByteString bytes)
    {
        var status = new TraceStatus("", "", 0, 0, false);
        ProtoFields.Read(bytes.ToByteArray(), (field, input) =>
        {
            switch (field)
            {
                case 1:
                    status = status with { Id = input.ReadString() };
                    return true;
                case 2:
                    status = status with { Vertex = input.ReadString() };
                    return true;
                case 4:
                    status = status with { Current = input.ReadInt64() };
                    return true;
                case 5:
                    status = status with { Total = input.ReadInt64() };
                    return true;
                case 8:
                    input.SkipLastField();
                    status = status with { IsCompleted = true };
                    return true;
                default:
                    return false;
            }
        });
        return status;
    }
}

/// <summary>Bytes that a step printed, cut anywhere.</summary>
internal sealed record TraceLog(string Vertex, ReadOnlyMemory<byte> Bytes)
{
    public static TraceLog Decode(ByteString bytes)
    {
        var log = new TraceLog("", default);
        ProtoFields.Read(bytes.ToByteArray(), (field, input) =>
        {
            log = field switch
            {
                1 => log with { Vertex = input.ReadString() },
                4 => log with { Bytes = input.ReadBytes().Memory },
                _ => log,
            };
            return field is 1 or 4;
        });
        return log;
    }
}
