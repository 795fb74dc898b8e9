using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Destinations.Tests;

/// <summary>Tells whether a directory was opened since it was made: nobody flushes one that he has not opened.</summary>
internal sealed partial class DirectoryOpenings : IDisposable
{
    private const int NonBlocking = 0x800;
    private const uint Opened = 0x20;

    private readonly SafeFileHandle _events;

    public DirectoryOpenings(string directory)
    {
        _events = Create(NonBlocking);
        Assert.That(Watch(_events, directory, Opened), Is.GreaterThanOrEqualTo(0));
    }

    // Linux queues the event before the call that causes it returns.
    public bool Any() => Read(_events, new byte[4096], 4096) > 0;

    public void Dispose() => _events.Dispose();

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial SafeFileHandle Create(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Watch(SafeFileHandle file, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, byte[] buffer, nint count);
}
