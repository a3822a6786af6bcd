using System.Text.Json.Serialization;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>A way for a service to reach out of its containers, to the server itself. A project has it only when an administrator allowed it.</summary>
[JsonConverter(typeof(ValueConverter<Capability>))]
public sealed record Capability : IValue<Capability>
{
    private Capability(string value, string means) => (Value, Means) = (value, means);

    /// <summary>Files and folders of the server.</summary>
    public static Capability HostFiles { get; } = new("host-files", "reads or changes files of the server itself");

    /// <summary>The socket of a container engine: who has it is root on the server.</summary>
    public static Capability DockerSocket { get; } = new("docker-socket", "drives the server's engine, which makes it root there");

    /// <summary>Rights of the kernel that end the isolation of a container.</summary>
    public static Capability Kernel { get; } = new("kernel", "has rights of the kernel beyond those of its own container");

    /// <summary>Devices of the server.</summary>
    public static Capability Devices { get; } = new("devices", "uses devices of the server");

    /// <summary>The server's own network, processes, memory or names.</summary>
    public static Capability HostNamespaces { get; } = new("host-namespaces", "shares the server's own network, processes, memory or names");

    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<Capability> All { get; } = [Devices, DockerSocket, HostFiles, HostNamespaces, Kernel];

    public string Value { get; }

    /// <summary>What a service with it does, for a person.</summary>
    public string Means { get; }

    /// <exception cref="ProblemException"><c>capability/unknown</c>.</exception>
    public static Capability Parse(string text) => All.FirstOrDefault(c => c.Value == text)
        ?? throw new Problem("capability/unknown", $"{Problem.Quoted(text)} is not a capability.", $"Use one of {string.Join(", ", All)}.").AsException();

    public override string ToString() => Value;
}
