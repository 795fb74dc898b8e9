using System.Buffers.Binary;
using System.Text;

namespace Coriolis.Morphing.Detection;

/// <summary>Finds out which operating system a guest runs, from its files alone.</summary>
/// <remarks>Never fails on a strange guest: what is not recognised is <see cref="OsType.Other"/>. Thread safety: static, no state.</remarks>
public static class GuestOsDetector
{
    private const int MaxReleaseFileBytes = 64 * 1024;

    // Any installed guest has its shell here; the header says for which processor it was built.
    private static readonly string[] s_programs = ["/bin/sh", "/usr/bin/sh", "/bin/busybox", "/sbin/init"];

    // Older than os-release, but still the only one on some systems.
    private static readonly (string Path, string Id, string Name)[] s_versionFiles =
    [
        ("/etc/alpine-release", "alpine", "Alpine Linux"),
        ("/etc/debian_version", "debian", "Debian GNU/Linux"),
        ("/etc/oracle-release", "ol", "Oracle Linux"),
        ("/etc/system-release", "rhel", "Red Hat compatible Linux"),
        ("/etc/redhat-release", "rhel", "Red Hat compatible Linux"),
        ("/etc/SuSE-release", "sles", "SUSE Linux"),
    ];

    private static readonly (string Path, GuestPackageSystem System)[] s_databases =
    [
        ("/var/lib/dpkg/status", GuestPackageSystem.Dpkg),
        ("/usr/lib/sysimage/rpm", GuestPackageSystem.Rpm),
        ("/var/lib/rpm", GuestPackageSystem.Rpm),
        ("/lib/apk/db/installed", GuestPackageSystem.Apk),
        ("/usr/lib/apk/db/installed", GuestPackageSystem.Apk),
        ("/var/lib/pacman/local", GuestPackageSystem.Pacman),
    ];

    private static readonly (string Id, GuestPackageSystem System)[] s_families =
    [
        ("debian", GuestPackageSystem.Dpkg), ("ubuntu", GuestPackageSystem.Dpkg), ("rhel", GuestPackageSystem.Rpm), ("fedora", GuestPackageSystem.Rpm),
        ("centos", GuestPackageSystem.Rpm), ("amzn", GuestPackageSystem.Rpm), ("suse", GuestPackageSystem.Rpm), ("alpine", GuestPackageSystem.Apk), ("arch", GuestPackageSystem.Pacman),
    ];

    /// <summary>Looks at a guest.</summary>
    /// <param name="guest">The guest's file system.</param>
    /// <param name="cancellationToken">Cancels the detection.</param>
    /// <returns>What the guest is.</returns>
    public static async Task<GuestOs> DetectAsync(IGuestRoot guest, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guest);
        if (await IsWindowsAsync(guest, cancellationToken).ConfigureAwait(false))
            return new() { Type = OsType.Windows, Name = "Microsoft Windows", Id = "windows" };

        var release = await ReadReleaseAsync(guest, cancellationToken).ConfigureAwait(false);
        var packages = await FindPackageSystemAsync(guest, release, cancellationToken).ConfigureAwait(false);
        if (release is null && packages == GuestPackageSystem.None)
            return new() { Type = OsType.Other, Name = "unknown operating system" };

        // Only a Linux distribution has a package database; which one it is, nobody needs to know to use it.
        release ??= new() { Type = OsType.Linux, Name = $"unnamed Linux with packages of {packages.ToString().ToLowerInvariant()}" };
        return release with
        {
            PackageSystem = packages,
            Architecture = await ReadArchitectureAsync(guest, cancellationToken).ConfigureAwait(false),
        };
    }

    private static async Task<GuestOs?> ReadReleaseAsync(IGuestRoot guest, CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["/etc/os-release", "/usr/lib/os-release"])
        {
            var text = await ReadTextAsync(guest, path, cancellationToken).ConfigureAwait(false);
            if (text is not null && ReleaseFile.Parse(text) is var release && release.ContainsKey("ID"))
                return FromOsRelease(release);
        }

        var lsbText = await ReadTextAsync(guest, "/etc/lsb-release", cancellationToken).ConfigureAwait(false);
        if (lsbText is not null && ReleaseFile.Parse(lsbText) is var lsb && lsb.TryGetValue("DISTRIB_ID", out var id))
        {
            return new()
            {
                Type = OsType.Linux,
                Id = id.ToLowerInvariant(),
                Name = lsb.GetValueOrDefault("DISTRIB_DESCRIPTION", id),
                Version = lsb.GetValueOrDefault("DISTRIB_RELEASE", ""),
            };
        }

        foreach (var (path, fileId, name) in s_versionFiles)
        {
            var text = await ReadTextAsync(guest, path, cancellationToken).ConfigureAwait(false);
            if (text is not null)
            {
                var line = text.Split('\n')[0].Trim();
                return new() { Type = OsType.Linux, Id = fileId, Name = $"{name} ({line})", Version = FirstNumber(line) };
            }
        }

        return null;
    }

    private static GuestOs FromOsRelease(IReadOnlyDictionary<string, string> release) => new()
    {
        Type = OsType.Linux,
        Id = release["ID"].ToLowerInvariant(),
        Name = release.GetValueOrDefault("PRETTY_NAME") ?? release.GetValueOrDefault("NAME") ?? release["ID"],
        Version = release.GetValueOrDefault("VERSION_ID", ""),
        DerivesFrom = release.GetValueOrDefault("ID_LIKE", "").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries),
    };

    // Tools of one family can be installed in another, with an empty database: the distribution's own comes first.
    private static async Task<GuestPackageSystem> FindPackageSystemAsync(IGuestRoot guest, GuestOs? os, CancellationToken cancellationToken)
    {
        string[] families = os is null ? [] : [os.Id, .. os.DerivesFrom];
        var own = s_families.Where(family => families.Contains(family.Id)).Select(family => family.System).ToHashSet();
        foreach (var (path, system) in s_databases.OrderByDescending(database => own.Contains(database.System)))
        {
            if (await guest.GetFileAsync(path, cancellationToken).ConfigureAwait(false) is not null)
                return system;
        }

        return GuestPackageSystem.None;
    }

    // Windows does not care for case, and NTFS drivers show names as they were written.
    private static async Task<bool> IsWindowsAsync(IGuestRoot guest, CancellationToken cancellationToken)
    {
        var path = "/";
        foreach (var name in (string[])["Windows", "System32", "config"])
        {
            string? found = null;
            await foreach (var entry in guest.ListAsync(path, cancellationToken).ConfigureAwait(false))
            {
                if (entry.Kind == GuestFileKind.Directory && Path.GetFileName(entry.Path).Equals(name, StringComparison.OrdinalIgnoreCase))
                    found = entry.Path;
            }

            if (found is null)
                return false;
            path = found;
        }

        return true;
    }

    private static async Task<string> ReadArchitectureAsync(IGuestRoot guest, CancellationToken cancellationToken)
    {
        // The largest shell is about one MiB; a larger file is not looked at.
        const int maxProgramBytes = 4 * 1024 * 1024;
        foreach (var path in s_programs)
        {
            try
            {
                var program = await guest.ReadAsync(path, maxProgramBytes, cancellationToken).ConfigureAwait(false);
                if (ElfMachine(program.Span) is { } machine)
                    return machine;
            }
            catch (GuestException)
            {
                // Not every guest has each of these; the next one may tell.
            }
        }

        return "";
    }

    private static string? ElfMachine(ReadOnlySpan<byte> program)
    {
        if (program.Length < 20 || !program.StartsWith("\u007fELF"u8))
            return null;

        var machine = program[5] == 2 ? BinaryPrimitives.ReadUInt16BigEndian(program[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(program[18..]);
        return machine switch
        {
            0x03 => "i686",
            0x28 => "armv7l",
            0x3e => "x86_64",
            0xb7 => "aarch64",
            _ => $"elf-machine-{machine}",
        };
    }

    private static async Task<string?> ReadTextAsync(IGuestRoot guest, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await guest.GetFileAsync(path, cancellationToken).ConfigureAwait(false) is null
                ? null
                : Encoding.UTF8.GetString((await guest.ReadAsync(path, MaxReleaseFileBytes, cancellationToken).ConfigureAwait(false)).Span);
        }
        catch (GuestException)
        {
            // A dangling link, a FIFO or a huge file where a text file belongs: as good as no file.
            return null;
        }
    }

    private static string FirstNumber(string line) =>
        line.Split(' ').FirstOrDefault(word => word.Length > 0 && char.IsAsciiDigit(word[0])) ?? "";
}
