using System.Text.Json;
using System.Text.Json.Serialization;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>A validated text value: once it exists, it is right.</summary>
public interface IValue<TSelf>
    where TSelf : class, IValue<TSelf>
{
    /// <summary>The value as it was written.</summary>
    string Value { get; }

    /// <summary>Validates <paramref name="text"/>.</summary>
    /// <exception cref="ProblemException">The text is not such a value.</exception>
    static abstract TSelf Parse(string text);
}

/// <summary>Writes a validated value as its text, also as a dictionary key; validates again when it is read.</summary>
public sealed class ValueConverter<T> : JsonConverter<T>
    where T : class, IValue<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => T.Parse(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => T.Parse(reader.GetString() ?? "");

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(value.Value);
}
