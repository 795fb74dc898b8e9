using Coriolis.Morphing.Runs;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>A guest of a few files, for tests that put odd things into it, and the disk that is made of it.</summary>
internal sealed class SmallGuest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddCoriolisAws().AddCoriolisMorphing().BuildServiceProvider();

    public SmallGuest()
    {
        Machine.NeedsRoot();
        foreach (var folder in (string[])["bin", "dev", "etc/cloud", "home", "proc", "run", "sys", "tmp", "usr/bin", "var/lib/cloud"])
            Directory.CreateDirectory(Files.Below(folder));
        Files.Write("etc/os-release", "ID=debian\nVERSION_ID=12\n");
        Files.Write("etc/cloud/cloud.cfg", "datasource_list: [ Ec2 ]\n");
        Files.Write("usr/bin/cloud-init", "#!/bin/sh\n");
    }

    /// <summary>The guest's files, until the disk is made.</summary>
    public TemporaryDirectory Files { get; } = new();

    public string Disk => _directory.Below("disk.raw");

    /// <summary>Every morpher that AddCoriolisAws registers.</summary>
    public GuestMorphing Morphing => _services.GetRequiredService<GuestMorphing>();

    /// <summary>A morphing whose only morpher leaves a mark.</summary>
    public static GuestMorphing Marking => new([new WritingMorpher()], TimeProvider.System);

    public void MakeDisk(string fileSystem = "ext4", long sizeMiB = 128) => DiskFile.Create(Disk, Files.Path, fileSystem, sizeMiB);

    public string Below(string name) => _directory.Below(name);

    public Task<GuestMorphResult> MorphAsync() => Morphing.MorphAsync(new() { Disks = [Disk] });

    public void Dispose()
    {
        _services.Dispose();
        _directory.Dispose();
        Files.Dispose();
    }
}
