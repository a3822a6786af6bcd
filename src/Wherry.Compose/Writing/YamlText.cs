using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wherry.Compose.Writing;

/// <summary>Writes a tree as YAML: block style, keys in the tree's order, the same text for the same tree.</summary>
/// <remarks>A text reads back as the same text by the rules of YAML 1.1 and of 1.2: what one of them takes for something else is quoted.
/// Nothing is done to <c>$</c>: that is the business of who makes the tree.</remarks>
public static class YamlText
{
    private static readonly EmitterSettings Settings = new(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, indentSequences: true);

    /// <param name="root">The one document.</param>
    /// <param name="comments">Stand above it, each from a line of its own on.</param>
    public static string Write(YamlMapping root, params IEnumerable<string> comments) => Write([root], comments);

    /// <param name="documents">Separated by <c>---</c>.</param>
    /// <param name="comments">Stand above the first, each from a line of its own on.</param>
    public static string Write(IReadOnlyList<YamlMapping> documents, IEnumerable<string> comments)
    {
        var text = new StringBuilder();
        foreach (var line in comments.SelectMany(Lines))
        {
            text.Append(line.Length > 0 ? "# " : "#").Append(line).Append('\n');
        }

        return text.AppendJoin("---\n", documents.Select(Document)).ToString();
    }

    /// <summary>What must not end a comment is a space in it.</summary>
    private static IEnumerable<string> Lines(string comment) =>
        comment.ReplaceLineEndings("\n").Split('\n').Select(line => string.Concat(line.Select(c => IsPlainInComment(c) ? c : ' ')).TrimEnd());

    private static bool IsPlainInComment(char c) => !char.IsControl(c) && !char.IsSurrogate(c) && char.GetUnicodeCategory(c) is not (UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format);

    private static string Document(YamlMapping root)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(writer, Settings);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Emit(emitter, root);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return writer.ToString().ReplaceLineEndings("\n");
    }

    private static void Emit(Emitter emitter, YamlValue value)
    {
        switch (value)
        {
            case YamlMapping mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, mapping.IsEmpty ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, inner) in mapping)
                {
                    Emit(emitter, key, ScalarForm.OfKey(key));
                    Emit(emitter, inner);
                }

                emitter.Emit(new MappingEnd());
                break;
            case YamlSequence sequence:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, sequence.IsEmpty ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in sequence)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case YamlLeaf leaf:
                Emit(emitter, leaf.Text, leaf.IsText ? ScalarForm.OfText(leaf.Text) : ScalarStyle.Plain);
                break;
        }
    }

    private static void Emit(Emitter emitter, string text, ScalarStyle style) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
}
