namespace Coriolis.Cli.Tests;

public sealed class InspectTests
{
    private EmulatedAccount _account = null!;
    private TestInstance _instance = null!;

    [OneTimeSetUp]
    public async Task SetUp()
    {
        _account = await EmulatedAccount.StartAsync();
        _instance = await _account.LaunchAsync("web", dataDisks: 2);
    }

    [OneTimeTearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [Test]
    public async Task Inspect_AsJson_PrintsTheCoriolisDocument()
    {
        var run = await _account.RunAsync("inspect", "web", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        var document = run.Json;
        string[] required = ["id", "name", "num_cpu", "memory_mb", "os_type", "nested_virtualization", "devices"];
        string[] lists = ["disks", "cdroms", "nics", "serial_ports", "floppies", "controllers"];
        var disks = document.GetProperty("devices").GetProperty("disks").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(document.EnumerateObject().Select(member => member.Name), Is.SupersetOf(required));
            Assert.That(document.GetProperty("devices").EnumerateObject().Select(member => member.Name), Is.SupersetOf(lists));
            Assert.That(document.GetProperty("id").GetString(), Is.EqualTo(_instance.Id));
            Assert.That(disks.Select(disk => disk.GetProperty("id").GetString()), Is.EquivalentTo(_instance.VolumeIds));
            Assert.That(disks[0].GetProperty("id").GetString(), Is.EqualTo(_instance.RootId));
            Assert.That(disks.Select(disk => disk.GetProperty("size_bytes").GetInt64()), Is.All.EqualTo(EmulatedAccount.GiB));
        });
    }

    [Test]
    public async Task Inspect_ForPeople_ListsDisksAndCards()
    {
        var run = await _account.RunAsync("inspect", _instance.Id);

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
            Assert.That(run.Output, Does.Contain(_instance.RootId).And.Contain("t3.small").And.Contain("eni-").And.Contain("1 GiB"));
            Assert.That(run.Error, Is.Empty);
        });
    }

    [Test]
    public async Task Inspect_AnUnknownInstance_IsNotFound()
    {
        var run = await _account.RunAsync("inspect", "no-such-name");

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.NotFound));
            Assert.That(run.Output, Is.Empty);
            Assert.That(run.Error, Does.StartWith("error: ").And.Contain("no-such-name"));
        });
    }
}
