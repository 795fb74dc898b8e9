using System.Text;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>Changes a guest in every way in which one can be changed, and makes the guest for that.</summary>
internal sealed class OddMorpher : IOsMorpher
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Names that programs stumble over.</summary>
    public static readonly string[] Names = ["$(touch x)", "'quoted'", "*", "-rf", ".hidden", "two  spaces", "with\nnewline", "back\\slash", "equal=sign", "ünïcode"];

    public string Name => "odd";

    public static void Prepare(TemporaryDirectory guest)
    {
        MiniGuest.Install(guest, "chmod", "mkdir", "mv");
        foreach (var name in Names)
        {
            guest.Write($"etc/names/{name}", name);
            guest.Write($"etc/gone/deep/{name}", name);
            guest.Link($"etc/links/{name}", $"to {name}");
        }

        guest.Link("etc/gone/link", "=");
        guest.Write("etc/a-file", "becomes a directory");
        guest.Write("etc/a-directory/b/c", "becomes a file");
        guest.Write("etc/again/old", "goes with its directory");
        guest.Write("etc/again/both", "old");
        guest.Write("etc/shadow", "secret");
        guest.Write("etc/rewritten", "same");
        guest.Write("usr/bin/ping", "old");
        guest.Write("home/user/.profile", "old");
        Machine.Run("sh", "-ec", """
            cd "$0"
            mkfifo etc/gone/fifo
            mknod etc/gone/device c 1 3
            printf x > etc/gone/huge; truncate --size 3M etc/gone/huge
            chmod 4750 usr/bin/ping
            chmod 1777 etc/again
            chown 1000:1001 home/user home/user/.profile etc/a-directory
            chown -h 1000:1001 etc/gone/link
            setfattr -n security.capability -v 0x01000002c0200080000000000000000000000000 usr/bin/ping
            setfattr -n user.note -v 0x00ff0a3d etc/gone/deep
            setfattr -n user.empty -v 0s etc/gone/deep
            setfattr -n user.note -v kept etc/gone/huge
            touch -h -d '2001-02-03 04:05:06.789012345' etc/gone/link etc/gone/huge usr/bin/ping etc/gone etc
            """, guest.Path);
    }

    public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
    {
        foreach (var path in (string[])["/etc/gone", "/etc/a-file", "/etc/a-directory", "/etc/again", "/never/there"])
            await guest.DeleteAsync(path, cancellationToken);
        await guest.CreateDirectoryAsync("/etc/a-file/deep", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, cancellationToken);
        await guest.CreateDirectoryAsync("/etc/again", (UnixFileMode)0b111_101_101, cancellationToken);
        foreach (var path in (string[])["/etc/a-file/deep/new", "/etc/a-directory", "/etc/again/both", "/etc/again/new", "/usr/bin/ping", "/home/user/.profile", "/home/new", "/top"])
            await guest.WriteAsync(path, Encoding.UTF8.GetBytes($"new {path}"), Mode, cancellationToken);
        foreach (var name in Names)
        {
            await guest.WriteAsync($"/etc/names/{name}", default, Mode, cancellationToken);
            await guest.CreateLinkAsync($"/etc/links/{name}", $"={name}", cancellationToken);
            await guest.WriteAsync($"/var/{name}", new byte[70_000], Mode, cancellationToken);
        }

        await guest.WriteAsync("/etc/rewritten", "same"u8.ToArray(), Mode, cancellationToken);
        var result = await guest.RunAsync(new() { Program = "chmod", Arguments = ["600", "/etc/shadow"] }, cancellationToken);
        return new(Name, [new(MorphChangeKind.FileWritten, "/", $"chmod ended with {result.ExitCode}")], []);
    }
}
