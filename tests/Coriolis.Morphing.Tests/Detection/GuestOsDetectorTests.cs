using Coriolis.Morphing.Detection;
using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Detection;

public sealed class GuestOsDetectorTests
{
    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateGuest() => _directory = new();

    [TearDown]
    public void DeleteGuest() => _directory.Dispose();

    [TestCase("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n", "debian", "12", "")]
    [TestCase("NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n", "ubuntu", "24.04", "debian")]
    [TestCase("NAME=\"Red Hat Enterprise Linux\"\nVERSION_ID=\"9.4\"\nID=\"rhel\"\nID_LIKE=\"fedora\"\n", "rhel", "9.4", "fedora")]
    [TestCase("NAME=\"CentOS Linux\"\nVERSION_ID=\"7\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\n", "centos", "7", "rhel fedora")]
    [TestCase("NAME=\"Rocky Linux\"\nVERSION_ID=\"8.10\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "rocky", "8.10", "rhel centos fedora")]
    [TestCase("NAME=\"AlmaLinux\"\nVERSION_ID=\"9.4\"\nID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\n", "almalinux", "9.4", "rhel centos fedora")]
    [TestCase("NAME=\"Oracle Linux Server\"\nVERSION_ID=\"9.4\"\nID=\"ol\"\nID_LIKE=\"fedora\"\n", "ol", "9.4", "fedora")]
    [TestCase("NAME=\"Fedora Linux\"\nVERSION_ID=41\nID=fedora\n", "fedora", "41", "")]
    [TestCase("NAME=\"Amazon Linux\"\nVERSION_ID=\"2\"\nID=\"amzn\"\nID_LIKE=\"centos rhel fedora\"\n", "amzn", "2", "centos rhel fedora")]
    [TestCase("NAME=\"Amazon Linux\"\nVERSION_ID=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\n", "amzn", "2023", "fedora")]
    [TestCase("NAME=\"SLES\"\nVERSION_ID=\"15.6\"\nID=\"sles\"\nID_LIKE=\"suse\"\n", "sles", "15.6", "suse")]
    [TestCase("NAME=\"openSUSE Leap\"\nVERSION_ID=\"15.6\"\nID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "opensuse-leap", "15.6", "suse opensuse")]
    [TestCase("NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.1\n", "alpine", "3.20.1", "")]
    [TestCase("NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n", "arch", "", "")]
    [TestCase("PRETTY_NAME=\"Kali GNU/Linux Rolling\"\nVERSION_ID=\"2024.3\"\nID=kali\nID_LIKE=debian\n", "kali", "2024.3", "debian")]
    [TestCase("NAME=\"Linux Mint\"\nVERSION_ID=\"22\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "linuxmint", "22", "ubuntu debian")]
    [TestCase("NAME=\"CentOS Stream\"\nVERSION_ID=\"9\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\n", "centos", "9", "rhel fedora")]
    [TestCase("NAME=\"Amazon Linux AMI\"\nVERSION_ID=\"2018.03\"\nID=\"amzn\"\nID_LIKE=\"rhel fedora\"\n", "amzn", "2018.03", "rhel fedora")]
    [TestCase("NAME=\"openSUSE Tumbleweed\"\nID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\nVERSION_ID=\"20240901\"\n", "opensuse-tumbleweed", "20240901", "opensuse suse")]
    [TestCase("# comment\n\nID='odd'   # tail\nPRETTY_NAME=\"a=b \\\"q\\\"\"\nbroken line\n=x\n", "odd", "", "")]
    public async Task DetectAsync_OsRelease_TellsDistributionAndVersion(string text, string id, string version, string derivesFrom)
    {
        _directory.Write("usr/lib/os-release", text);
        _directory.Link("etc/os-release", "../usr/lib/os-release");

        var os = await DetectAsync();

        Assert.That((os.Type, os.Id, os.Version, string.Join(' ', os.DerivesFrom)), Is.EqualTo((OsType.Linux, id, version, derivesFrom)));
    }

    [TestCase("var/lib/dpkg/status", GuestPackageSystem.Dpkg)]
    [TestCase("var/lib/rpm/rpmdb.sqlite", GuestPackageSystem.Rpm)]
    [TestCase("usr/lib/sysimage/rpm/rpmdb.sqlite", GuestPackageSystem.Rpm)]
    [TestCase("lib/apk/db/installed", GuestPackageSystem.Apk)]
    [TestCase("var/lib/pacman/local/ALPM_DB_VERSION", GuestPackageSystem.Pacman)]
    [TestCase("etc/other", GuestPackageSystem.None)]
    public async Task DetectAsync_PackageDatabase_TellsThePackageSystem(string database, GuestPackageSystem expected)
    {
        _directory.Write("etc/os-release", "ID=x\n");
        _directory.Write(database, "");

        var os = await DetectAsync();

        Assert.That(os.PackageSystem, Is.EqualTo(expected));
    }

    [Test]
    public async Task DetectAsync_OnlyLsbRelease_UsesIt()
    {
        _directory.Write("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=16.04\nDISTRIB_DESCRIPTION=\"Ubuntu 16.04.7 LTS\"\n");

        var os = await DetectAsync();

        Assert.That((os.Id, os.Version, os.Name), Is.EqualTo(("ubuntu", "16.04", "Ubuntu 16.04.7 LTS")));
    }

    [TestCase("var/lib/dpkg/status", GuestPackageSystem.Dpkg)]
    [TestCase("var/lib/rpm/Packages", GuestPackageSystem.Rpm)]
    [TestCase("lib/apk/db/installed", GuestPackageSystem.Apk)]
    public async Task DetectAsync_OnlyAPackageDatabase_IsALinuxWithoutAName(string database, GuestPackageSystem expected)
    {
        _directory.Write(database, "");

        var os = await DetectAsync();

        Assert.That((os.Type, os.Id, os.PackageSystem), Is.EqualTo((OsType.Linux, "", expected)));
    }

    [TestCase("etc/oracle-release", "Oracle Linux Server release 6.10", "ol", "6.10")]
    [TestCase("etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)", "sles", "11")]
    [TestCase("etc/system-release", "Amazon Linux AMI release 2012.03", "rhel", "2012.03")]
    [TestCase("etc/redhat-release", "CentOS release 6.10 (Final)", "rhel", "6.10")]
    [TestCase("etc/debian_version", "7.11", "debian", "7.11")]
    [TestCase("etc/alpine-release", "3.2.0", "alpine", "3.2.0")]
    public async Task DetectAsync_OnlyAVersionFile_UsesIt(string path, string text, string id, string version)
    {
        _directory.Write(path, text + "\n");

        var os = await DetectAsync();

        Assert.That((os.Id, os.Version), Is.EqualTo((id, version)));
    }

    [Test]
    public async Task DetectAsync_RealShell_TellsTheArchitecture()
    {
        _directory.Write("etc/os-release", "ID=x\n");
        MiniGuest.Install(_directory);

        var os = await DetectAsync();

        Assert.That(os.Architecture, Is.EqualTo(Machine.Run("uname", "-m").Trim()));
    }

    [Test]
    public async Task DetectAsync_Windows_IsRecognisedWhateverTheCase()
    {
        _directory.Write("WINDOWS/system32/config/SOFTWARE", "regf");

        var os = await DetectAsync();

        Assert.That(os.Type, Is.EqualTo(OsType.Windows));
    }

    [Test]
    public async Task DetectAsync_EmptyDirectory_IsUnknown()
    {
        var os = await DetectAsync();

        Assert.That(os.Type, Is.EqualTo(OsType.Other));
    }

    [Test]
    public async Task DetectAsync_HostileReleaseFiles_AreAsGoodAsNone()
    {
        _directory.Link("etc/os-release", "/etc/os-release");
        Directory.CreateDirectory(_directory.Below("usr/lib"));
        Machine.Run("mkfifo", _directory.Below("usr/lib/os-release"));
        using (var huge = File.Create(_directory.Below("etc/lsb-release")))
            huge.SetLength(1L << 40);

        var os = await DetectAsync();

        Assert.That(os.Type, Is.EqualTo(OsType.Other));
    }

    private async Task<GuestOs> DetectAsync()
    {
        using var guest = LocalGuestRoot.Open(_directory.Path);
        return await GuestOsDetector.DetectAsync(guest);
    }
}
