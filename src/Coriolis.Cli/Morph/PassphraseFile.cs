namespace Coriolis.Cli;

/// <summary>Reads a passphrase from where no other user of the machine sees it, unlike the command line.</summary>
internal static class PassphraseFile
{
    private const string StandardInput = "-";

    // As much as cryptsetup takes.
    private const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Reads it; an editor's line end is no part of it.</summary>
    /// <param name="path">The file, <c>-</c> for standard input, or <see langword="null"/> for no passphrase.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null)
            return default;

        var stream = Open(path);
        await using (stream.ConfigureAwait(false))
        {
            var content = new byte[MaxBytes];
            var length = await stream.ReadAtLeastAsync(content, MaxBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var passphrase = content.AsMemory(0, length);
            if (passphrase.Span.EndsWith("\n"u8))
                passphrase = passphrase[..^1];
            return passphrase.IsEmpty ? throw new UsageException(["The passphrase is empty."]) : passphrase;
        }
    }

    private static Stream Open(string path)
    {
        try
        {
            return path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException([$"The passphrase file cannot be read: {failure.Message}"]);
        }
    }
}
