using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Morphing.Tests.Guests;

/// <summary>A guest in a directory of this machine.</summary>
public sealed class LocalGuestRootTests : GuestRootConformance
{
    private protected override Task<IGuestRoot> OpenAsync(string directory) => Task.FromResult<IGuestRoot>(LocalGuestRoot.Open(directory));

    [Test]
    public void Open_NoSuchDirectory_ThrowsGuestException()
    {
        Assert.That(() => LocalGuestRoot.Open("/none/at/all"), Throws.TypeOf<GuestException>());
    }

    [Test]
    public void RunAsync_NotEndedInTime_KillsAndThrows()
    {
        Machine.NeedsRoot();
        using var directory = new TemporaryDirectory();
        MiniGuest.Install(directory);
        Machine.Run("mkfifo", directory.Below("started"));
        var clock = new FakeTimeProvider();
        using var guest = LocalGuestRoot.Open(directory.Path, clock);

        var run = guest.RunAsync(new() { Program = "sh", Arguments = ["-c", "echo > /started; sleep 12321"], Timeout = TimeSpan.FromMinutes(1) });
        File.ReadAllText(directory.Below("started"));
        clock.Advance(TimeSpan.FromMinutes(2));

        Assert.That(async () => await run, Throws.TypeOf<GuestException>().With.Message.Contains("60 s"));
        Assert.That(Machine.TryRun("pgrep", "-f", "sleep 12321").Output, Is.Empty);
    }
}
