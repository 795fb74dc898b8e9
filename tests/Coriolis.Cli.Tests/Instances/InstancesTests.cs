namespace Coriolis.Cli.Tests;

public sealed class InstancesTests
{
    private EmulatedAccount _account = null!;
    private TestInstance _web = null!;
    private TestInstance _database = null!;

    [OneTimeSetUp]
    public async Task SetUp()
    {
        _account = await EmulatedAccount.StartAsync();
        _web = await _account.LaunchAsync("web-1");
        _database = await _account.LaunchAsync("database");
    }

    [OneTimeTearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [Test]
    public async Task Instances_WithoutAFilter_ListsAll()
    {
        var run = await _account.RunAsync("instances", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(Ids(run), Is.EquivalentTo((string[])[_web.Id, _database.Id]));
    }

    [TestCase("--name", "web-*")]
    [TestCase("--tag", "Name=web-1")]
    public async Task Instances_WithAFilter_ListsWhatMatches(params string[] filter)
    {
        var run = await _account.RunAsync(["instances", "--json", .. filter]);

        Assert.That(Ids(run), Is.EqualTo((string[])[_web.Id]));
    }

    [Test]
    public async Task Instances_ForPeople_AreATable()
    {
        var run = await _account.RunAsync("instances", "--name", "database");

        var lines = run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Length.EqualTo(2));
            Assert.That(lines[0], Does.StartWith("ID "));
            Assert.That(lines[1], Does.StartWith(_database.Id).And.Contain("t3.small").And.Contain("running"));
        });
    }

    [Test]
    public async Task Instances_NoneMatches_SaysSoBesideTheResult()
    {
        var run = await _account.RunAsync("instances", "--name", "nothing-*");

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done));
            Assert.That(run.Output, Is.Empty);
            Assert.That(run.Error, Does.Contain("No instance matches"));
        });
    }

    private static IEnumerable<string?> Ids(CliRun run) =>
        run.Json.GetProperty("instances").EnumerateArray().Select(instance => instance.GetProperty("id").GetString());
}
