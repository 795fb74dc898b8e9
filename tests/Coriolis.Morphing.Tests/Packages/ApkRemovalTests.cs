using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Packages;

/// <summary>Removal with apk, or what stands for it: see <see cref="AlpineGuest"/>.</summary>
public sealed class ApkRemovalTests
{
    private static readonly GuestOs s_alpine = new() { Type = OsType.Linux, Name = "Alpine Linux v3.20", Id = "alpine", PackageSystem = GuestPackageSystem.Apk };

    private TemporaryDirectory _guest = null!;

    private IEnumerable<string> Installed => AlpineGuest.Installed(File.ReadAllText(_guest.Below("lib/apk/db/installed")));

    private string[] World => File.ReadAllLines(_guest.Below("etc/apk/world"));

    [SetUp]
    public void CreateGuest()
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("awk");
        _guest = new();
        AlpineGuest.Install(_guest);
    }

    [TearDown]
    public void DeleteGuest() => _guest?.Dispose();

    [Test]
    public async Task MorphAsync_CloudInit_GoesWithItsOwnDependenciesButNotWithTheNetwork()
    {
        var report = await TestMorpher.RunAsync("cloud-init removal", _guest, s_alpine);

        Assert.That(Installed, Is.EqualTo((string[])["alpine-base", "dhcpcd", "openssh"]));
        Assert.That(World, Is.EqualTo((string[])["alpine-base", "openssh", "dhcpcd"]));
        Assert.That(
            report.Changes.Where(change => change.Kind == MorphChangeKind.PackageRemoved).Select(change => change.Subject),
            Is.EquivalentTo((string[])["cloud-init", "py3-yaml"]));
        Assert.That(File.Exists(_guest.Below("usr/bin/cloud-init")), Is.False);
        Assert.That(File.Exists(_guest.Below("etc/runlevels/boot/cloud-init")), Is.False);
    }

    [Test]
    public async Task MorphAsync_DependencyThatAnotherPackageNeeds_Stays()
    {
        AlpineGuest.AddPackage(_guest, "salt", "py3-yaml>=5");
        File.AppendAllText(_guest.Below("etc/apk/world"), "salt\n");

        await TestMorpher.RunAsync("cloud-init removal", _guest, s_alpine);

        Assert.That(Installed, Does.Contain("py3-yaml").And.Contain("salt").And.Not.Contain("cloud-init"));
    }

    [Test]
    public async Task MorphAsync_DependentThatNobodyNeeds_GoesToo()
    {
        AlpineGuest.AddPackage(_guest, "cloud-init-addon", "cloud-init");
        File.AppendAllText(_guest.Below("etc/apk/world"), "cloud-init-addon\n");

        await TestMorpher.RunAsync("cloud-init removal", _guest, s_alpine);

        Assert.That(Installed, Does.Not.Contain("cloud-init").And.Not.Contain("cloud-init-addon"));
    }

    [Test]
    public async Task MorphAsync_SshNeedsCloudInit_DisablesInsteadOfRemoving()
    {
        AlpineGuest.AddPackage(_guest, "openssh-server", "cloud-init");
        File.AppendAllText(_guest.Below("etc/apk/world"), "openssh-server\n");

        var report = await TestMorpher.RunAsync("cloud-init removal", _guest, s_alpine);

        Assert.That(Installed, Does.Contain("cloud-init").And.Contain("openssh-server"));
        Assert.That(report.Warnings, Has.Some.Contains("openssh-server").And.Contains("disabled, not removed"));
        Assert.That(File.Exists(_guest.Below("etc/cloud/cloud-init.disabled")), Is.True);
    }
}
