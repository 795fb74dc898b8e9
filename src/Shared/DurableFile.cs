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
            using (var file = Recreate(temporary))
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
        using (var file = Recreate(temporary))
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

    /// <summary>Creates a file that only its owner may read, from its first moment on. There must be nothing under its name, not even a link.</summary>
    public static SafeFileHandle CreateNew(string path, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Only a stream can be told the mode to create a file with; without a buffer it leaves its handle alone.
        return new FileStream(path, options).SafeFileHandle;
    }

    /// <summary>The same after removing what is under the name: a link goes itself, what it points at stays.</summary>
    public static SafeFileHandle Recreate(string path)
    {
        File.Delete(path);
        return CreateNew(path);
    }

    /// <summary>Opens a file of ours.</summary>
    /// <exception cref="ForeignFileException">It is a symbolic link, or no file; nothing was read or changed.</exception>
    public static SafeFileHandle Open(string path, FileAccess access = FileAccess.Read, FileShare share = FileShare.ReadWrite | FileShare.Delete)
    {
        // Before: opening a pipe would wait, a device could act. After: the name may have become a link in between.
        var named = FindOwn(path);
        var file = File.OpenHandle(path, FileMode.Open, access, share);
        if (named is null || !OperatingSystem.IsLinux() || FileNode.Of(file).IsSameAs(named.Value))
        {
            return file;
        }

        file.Dispose();
        throw Foreign(path);
    }

    /// <summary>Opens a file of ours for writing, and creates it when there is none.</summary>
    /// <exception cref="ForeignFileException">It is a symbolic link, or no file; nothing was read or changed.</exception>
    public static SafeFileHandle OpenOrCreate(string path, FileShare share)
    {
        if (FindOwn(path) is null)
        {
            try
            {
                return CreateNew(path, share);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was faster.
            }
        }

        return Open(path, FileAccess.ReadWrite, share);
    }

    /// <summary>Whether somebody has a file of ours to themselves at this moment.</summary>
    public static bool IsHeld(string path)
    {
        try
        {
            Open(path, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return true;
        }
    }

    /// <summary>Whether a file could not be opened because of somebody else who has it open. A full disk is an <see cref="IOException"/> as well.</summary>
    public static bool IsSharingViolation(IOException exception)
    {
        const int linuxTryAgain = 11, macTryAgain = 35, windowsSharingViolation = unchecked((int)0x80070020);
        return exception.HResult is linuxTryAgain or macTryAgain or windowsSharingViolation;
    }

    /// <summary>Reads a small file of ours.</summary>
    /// <exception cref="ForeignFileException">It is a symbolic link, or no file; nothing was read.</exception>
    public static byte[] ReadAllBytes(string path)
    {
        using var file = Open(path);
        var bytes = new byte[RandomAccess.GetLength(file)];
        var count = 0;
        while (RandomAccess.Read(file, bytes.AsSpan(count), count) is > 0 and var read)
        {
            count += read;
        }

        return bytes[..count];
    }

    /// <summary>Creates a directory that only its owner may enter, when there is none, and makes its name durable.</summary>
    /// <remarks>What is made durable in a directory is lost with it when the power fails before its own name is on the disk.</remarks>
    public static void CreateDirectory(string path)
    {
        var created = new List<string>();
        for (var level = Path.GetFullPath(path); level is not null && !Directory.Exists(level); level = Path.GetDirectoryName(level))
        {
            created.Add(level);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        created.ForEach(level => FlushDirectory(Path.GetDirectoryName(level)!));
    }

    /// <summary>The same within a directory of ours, which is left by no link.</summary>
    /// <exception cref="ForeignFileException">It is a symbolic link; nothing was created.</exception>
    public static void CreateSubdirectory(string path)
    {
        ThrowIfLinked(path);
        CreateDirectory(path);
    }

    /// <exception cref="ForeignFileException">A name within a directory of ours is a symbolic link.</exception>
    public static void ThrowIfLinked(string path)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            throw Foreign(path);
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

    // What is under a name of ours, without following it; null when there is nothing, or the system cannot tell one file from another.
    private static FileNode? FindOwn(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            ThrowIfLinked(path);
            return null;
        }

        var node = FileNode.Find(path, followLink: false);
        return node is null or { IsRegularFile: true } ? node : throw Foreign(path);
    }

    private static ForeignFileException Foreign(string path) => new($"'{path}' is a symbolic link or no ordinary file, and is not touched.");

    private static string TemporaryFor(string path) => path + ".tmp";

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
