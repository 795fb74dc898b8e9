using Coriolis.Morphing.Runs;
using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>Shows a morph the way a diff is shown: <c>+</c> created, <c>~</c> changed, <c>-</c> removed.</summary>
internal static class MorphResultWriter
{
    private const int ShownDigits = 12;

    public static void Write(Terminal terminal, GuestMorphResult result, bool dryRun)
    {
        terminal.WriteResult(result.Os.Architecture.Length > 0 ? $"{result.Os.Name}, {result.Os.Architecture}" : result.Os.Name);
        foreach (var morph in result.Morphs)
        {
            terminal.WriteResult(string.Empty);
            terminal.WriteResult($"{morph.MorpherName}:");
            foreach (var change in morph.Changes)
                terminal.WriteResult($"  {Verb(change.Kind),-16} {change.Subject} ({change.Why})");
        }

        if (result.Files.Count > 0)
        {
            terminal.WriteResult(string.Empty);
            terminal.WriteResult("files:");
            foreach (var file in result.Files)
                terminal.WriteResult($"  {Line(file)}");
        }

        foreach (var warning in result.Warnings.Concat(result.Morphs.SelectMany(morph => morph.Warnings)))
            terminal.WriteNote($"Warning: {warning}");

        terminal.WriteResult(string.Empty);
        terminal.WriteResult(Summary(result, dryRun));
    }

    private static string Summary(GuestMorphResult result, bool dryRun) => result switch
    {
        { Os.Type: not OsType.Linux } => "Not a guest that can be morphed; nothing was changed.",
        { Files.Count: 0 } => "Nothing to change.",
        _ when dryRun => $"{result.Files.Count} files would change; nothing was written.",
        _ => $"{result.Files.Count} files changed. To take it back: coriolis-aws morph --undo {result.ReportPath}",
    };

    private static string Verb(MorphChangeKind kind) => kind switch
    {
        MorphChangeKind.FileWritten => "wrote",
        MorphChangeKind.FileRemoved => "removed",
        MorphChangeKind.PackageRemoved => "removed package",
        _ => "disabled",
    };

    private static string Line(MorphedFile file) => file switch
    {
        { Before: null } => $"+ {file.Path}{Content(file.After!)}",
        { After: null } => $"- {file.Path}{Content(file.Before)}",
        _ when file.Before.Sha256 == file.After.Sha256 => $"~ {file.Path} {file.Before.Mode} {file.Before.User}:{file.Before.Group} → {file.After.Mode} {file.After.User}:{file.After.Group}",
        _ => $"~ {file.Path}{Content(file.Before)} →{Content(file.After)}",
    };

    private static string Content(MorphedFileState state) => state switch
    {
        { Sha256: { } digest } => $" {digest[..ShownDigits]}",
        { LinkTarget: { } target } => $" link to {target}",
        { Kind: GuestFileKind.Directory } => "/",
        _ => string.Empty,
    };
}
