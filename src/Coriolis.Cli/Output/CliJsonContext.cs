using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coriolis.Cli;

[JsonSerializable(typeof(ExecutionDocument))]
[JsonSerializable(typeof(FailureDocument))]
[JsonSerializable(typeof(InstancesDocument))]
[JsonSerializable(typeof(MigrationDocument))]
[JsonSerializable(typeof(MorphDocument))]
[JsonSerializable(typeof(MorphUndoDocument))]
[JsonSerializable(typeof(IReadOnlyList<SourceOptionDocument>))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(SweepDocument))]
[JsonSerializable(typeof(VerificationDocument))]
internal sealed partial class CliJsonContext : JsonSerializerContext
{
    /// <summary>The form in which every document is printed.</summary>
    public static CliJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,

        // Quotes and letters as they are: the output is read by people and programs, not embedded in a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
