using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Packages;

/// <summary>
/// Removal with apk. No package that can be had here holds the real program: a script stands for it, with the real one's options
/// and messages, and with what it does to a database of names, dependencies and a world file.
/// </summary>
public sealed class ApkRemovalTests
{
    private static readonly GuestOs s_alpine = new() { Type = OsType.Linux, Name = "Alpine Linux v3.20", Id = "alpine", PackageSystem = GuestPackageSystem.Apk };

    // A package is a file below /lib/apk/db that lists what it needs; what neither world nor a package in use names goes.
    private const string Apk = """
        #!/bin/sh
        cd /lib/apk/db || exit 1
        command=$1; shift
        names= simulate= rdepends=
        for argument; do
            case $argument in
                --simulate) simulate=1;;
                --rdepends) rdepends=1;;
                --*) ;;
                *) names="$names $argument";;
            esac
        done
        needed() {
            seen=" "
            todo=" $(cat /etc/apk/world) "
            while [ -n "${todo# }" ]; do
                set -- $todo; one=$1; shift; todo="$*"
                case $seen in *" $one "*) continue;; esac
                case $without in *" $one "*) continue;; esac
                seen="$seen$one "
                todo="$todo $(cat "$one" 2>/dev/null)"
            done
        }
        case $command in
            info) for name in $names; do [ -e "$name" ] || exit 1; done;;
            add) for name in $names; do [ -e "$name" ] || exit 1; echo "$name" >> /etc/apk/world; done;;
            del)
                without=" "
                [ -z "$simulate" ] && for name in $names; do sed "/^$name\$/d" /etc/apk/world > /tmp/w; cat /tmp/w > /etc/apk/world; done
                without=" $names "
                for name in *; do
                    [ -n "$rdepends" ] || for wanted in $names; do
                        case " $(cat "$name") " in *" $wanted "*) case " $names " in *" $name "*) ;; *) without=" ";; esac;; esac
                    done
                    [ -z "$rdepends" ] || for wanted in $names; do
                        case " $(cat "$name") " in *" $wanted "*) without="$without$name ";; esac
                    done
                done
                needed
                number=0
                for name in *; do
                    case $seen in *" $name "*) continue;; esac
                    number=$((number + 1))
                    echo "( $number/12) Purging $name (1.0-r0)"
                    [ -n "$simulate" ] || rm "$name"
                done
                echo "OK: 12 MiB in 30 packages";;
        esac
        """;

    [Test]
    public async Task MorphAsync_CloudInit_GoesWithItsOwnDependenciesButNotWithTheNetwork()
    {
        using var guest = CreateGuest();

        var report = await TestMorpher.RunAsync("cloud-init removal", guest, s_alpine);

        Assert.That(Installed(guest), Is.EqualTo((string[])["alpine-base", "dhcpcd", "openssh"]));
        Assert.That(File.ReadAllLines(guest.Below("etc/apk/world")), Is.EqualTo((string[])["alpine-base", "openssh", "dhcpcd"]));
        Assert.That(report.Changes.Where(change => change.Kind == MorphChangeKind.PackageRemoved).Select(change => change.Subject), Is.EqualTo((string[])["cloud-init", "py3-yaml"]));
    }

    [Test]
    public async Task MorphAsync_DependentThatNobodyNeeds_GoesToo()
    {
        using var guest = CreateGuest();
        guest.Write("lib/apk/db/cloud-init-addon", "cloud-init");
        File.AppendAllText(guest.Below("etc/apk/world"), "cloud-init-addon\n");

        await TestMorpher.RunAsync("cloud-init removal", guest, s_alpine);

        Assert.That(Installed(guest), Does.Not.Contain("cloud-init").And.Not.Contain("cloud-init-addon"));
    }

    [Test]
    public async Task MorphAsync_SshNeedsCloudInit_DisablesInsteadOfRemoving()
    {
        using var guest = CreateGuest();
        guest.Write("lib/apk/db/openssh", "cloud-init");

        var report = await TestMorpher.RunAsync("cloud-init removal", guest, s_alpine);

        Assert.That(Installed(guest), Does.Contain("cloud-init").And.Contain("openssh"));
        Assert.That(report.Warnings, Has.Some.Contains("openssh").And.Contains("disabled, not removed"));
        Assert.That(File.Exists(guest.Below("etc/cloud/cloud-init.disabled")), Is.True);
    }

    private static TemporaryDirectory CreateGuest()
    {
        Machine.NeedsRoot();
        var guest = new TemporaryDirectory();
        MiniGuest.Install(guest, "sed", "rm");
        guest.Write("sbin/apk", Apk);
        File.SetUnixFileMode(guest.Below("sbin/apk"), (UnixFileMode)0b111_101_101);
        guest.Write("etc/cloud/cloud.cfg", "datasource_list: [ Ec2 ]\n");
        guest.Write("etc/apk/world", "alpine-base\nopenssh\ncloud-init\n");
        guest.Write("lib/apk/db/alpine-base", "");
        guest.Write("lib/apk/db/openssh", "");
        guest.Write("lib/apk/db/dhcpcd", "");
        guest.Write("lib/apk/db/py3-yaml", "");
        guest.Write("lib/apk/db/cloud-init", "py3-yaml dhcpcd");
        return guest;
    }

    private static IEnumerable<string?> Installed(TemporaryDirectory guest) => Directory.GetFiles(guest.Below("lib/apk/db")).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
