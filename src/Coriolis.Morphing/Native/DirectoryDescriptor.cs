using System.Runtime.InteropServices;
using System.Text;
using Coriolis.Storage;

namespace Coriolis.Morphing.Native;

/// <summary>An open directory or file, held by descriptor so that no later rename or link can move it elsewhere.</summary>
/// <remarks>Names given to its methods are single components; symbolic links among them are never followed.</remarks>
internal sealed class DirectoryDescriptor : IDisposable
{
    private int _descriptor;

    private DirectoryDescriptor(int descriptor) => _descriptor = descriptor;

    /// <summary>A path under which .NET's file API reaches the same directory.</summary>
    public string Path => $"/proc/self/fd/{_descriptor}";

    public static DirectoryDescriptor OpenRoot(string path)
    {
        var descriptor = LibC.OpenAt(LibC.AtCurrentDirectory, path, LibC.OPath | LibC.ODirectory | LibC.OCloseOnExec);
        return descriptor >= 0 ? new(descriptor) : throw Failure("open", path);
    }

    /// <summary>Opens a path below this directory as if this were the root; <see langword="null"/> when there is none.</summary>
    public DirectoryDescriptor? OpenBelow(string path, bool directory)
    {
        var flags = LibC.OPath | LibC.OCloseOnExec | (directory ? LibC.ODirectory : 0);
        while (true)
        {
            var descriptor = LibC.OpenAt2(_descriptor, path.Length == 0 ? "." : path, flags, LibC.ResolveInRoot | LibC.ResolveNoMagicLinks);
            if (descriptor >= 0)
                return new(descriptor);

            // EAGAIN: a rename somewhere in the system raced with the resolution of "..".
            switch (Marshal.GetLastPInvokeError())
            {
                case LibC.EAGAIN:
                    continue;
                case LibC.ENOENT or LibC.ENOTDIR or LibC.ELOOP:
                    return null;
                default:
                    throw Failure("open", path);
            }
        }
    }

    /// <summary>Opens a child directory without following a link; <see langword="null"/> when it is not a directory.</summary>
    public DirectoryDescriptor? OpenChild(string name)
    {
        var descriptor = LibC.OpenAt(_descriptor, name, LibC.OPath | LibC.ODirectory | LibC.ONoFollow | LibC.OCloseOnExec);
        if (descriptor >= 0)
            return new(descriptor);

        return Marshal.GetLastPInvokeError() is LibC.ENOENT or LibC.ENOTDIR or LibC.ELOOP ? null : throw Failure("open", name);
    }

    public FileNode? GetStatus(string name)
    {
        if (FileNode.TryFind(_descriptor, name, out var status))
            return status;

        return Marshal.GetLastPInvokeError() is LibC.ENOENT or LibC.ENOTDIR ? null : throw Failure("look at", name);
    }

    /// <summary>The status of what this descriptor itself holds open.</summary>
    public FileNode GetOwnStatus() => FileNode.TryFind(_descriptor, "", out var status) ? status : throw Failure("look at", Path);

    public string ReadLink(string name)
    {
        Span<byte> buffer = stackalloc byte[4096];
        var length = LibC.ReadLinkAt(_descriptor, name, buffer, (nuint)buffer.Length);
        return length >= 0 ? Encoding.UTF8.GetString(buffer[..(int)length]) : throw Failure("read link", name);
    }

    public IEnumerable<string> ListNames() =>
        Directory.EnumerateFileSystemEntries(Path, "*", s_everything).Select(path => System.IO.Path.GetFileName(path)!);

    public void Remove(string name, bool directory)
    {
        if (LibC.UnlinkAt(_descriptor, name, directory ? LibC.AtRemoveDirectory : 0) != 0
            && Marshal.GetLastPInvokeError() != LibC.ENOENT)
            throw Failure("remove", name);
    }

    public void Rename(string from, string to)
    {
        if (LibC.RenameAt(_descriptor, from, _descriptor, to) != 0)
            throw Failure("rename", from);
    }

    public void CreateDirectory(string name, UnixFileMode mode)
    {
        if (LibC.MakeDirectoryAt(_descriptor, name, 0x1c0) != 0)
            throw Failure("create directory", name);
        SetMode(name, mode);
    }

    public void CreateSymbolicLink(string name, string target)
    {
        if (LibC.SymbolicLinkAt(target, _descriptor, name) != 0)
            throw Failure("create link", name);
    }

    public void CreateNode(string name, ushort modeAndType, uint major, uint minor)
    {
        var device = ((ulong)(major & 0xfffff000) << 32) | ((ulong)(major & 0xfff) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xff);
        if (LibC.MakeNodeAt(_descriptor, name, modeAndType, device) != 0)
            throw Failure("create device", name);
    }

    public void SetOwner(string name, uint user, uint group)
    {
        if (LibC.ChangeOwnerAt(_descriptor, name, user, group, LibC.AtSymbolicLinkNoFollow) != 0)
            throw Failure("change the owner of", name);
    }

    public void SetMode(string name, UnixFileMode mode)
    {
        if (LibC.ChangeModeAt(_descriptor, name, (uint)mode, 0) != 0)
            throw Failure("change the mode of", name);
    }

    public void SetModified(string name, TimeSpec modified)
    {
        if (LibC.SetTimesAt(_descriptor, name, [TimeSpec.Unchanged, modified], LibC.AtSymbolicLinkNoFollow) != 0)
            throw Failure("set the times of", name);
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
            _ = LibC.Close(_descriptor);
        _descriptor = -1;
    }

    private static readonly EnumerationOptions s_everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
        ReturnSpecialDirectories = false,
    };

    private static IOException Failure(string verb, string path) =>
        new($"cannot {verb} {path}: {Marshal.GetLastPInvokeErrorMessage()}");
}
