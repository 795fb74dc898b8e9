using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Storage;

/// <summary>Files that are complete and durable when they appear under their name.</summary>
internal static partial class DurableFile
{
    /// <summary>Replaces a small file: readers see the old bytes or the new ones, also after a power failure.</summary>
    /// <remarks>Only one writer at a time: what a killed one left under the temporary name is overwritten by the next.</remarks>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = TemporaryFor(path);
        try
        {
            using (var file = Create(temporary, FileMode.Create))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            Rename(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Replaces a small file that may get lost: readers see the old bytes or the new ones, but a power failure may take both.</summary>
    public static void WriteCarelessly(string path, ReadOnlySpan<byte> content)
    {
        var temporary = TemporaryFor(path);
        using (var file = Create(temporary, FileMode.Create))
        {
            RandomAccess.Write(file, content, 0);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Removes a file, and what a writer that was killed left beside it.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(TemporaryFor(path));
    }

    /// <summary>Creates or opens a file that only its owner may read.</summary>
    public static SafeFileHandle Create(string path, FileMode mode, FileShare share = FileShare.Read)
    {
        var file = File.OpenHandle(path, mode, FileAccess.ReadWrite, share);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }

    /// <summary>Creates a directory that only its owner may enter, when there is none.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Renames a file over another one and makes the name durable.</summary>
    public static void Rename(string source, string destination)
    {
        File.Move(source, destination, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);
    }

    /// <summary>Makes the names in a directory durable. Windows journals them itself.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(directory, flags: 0);
        if (descriptor < 0 || Sync(descriptor) < 0)
        {
            var error = Marshal.GetLastPInvokeErrorMessage();
            _ = descriptor < 0 ? 0 : Close(descriptor);
            throw new IOException($"The names in '{directory}' could not be made durable: {error}.");
        }

        _ = Close(descriptor);
    }

    private static string TemporaryFor(string path) => path + ".tmp";

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
