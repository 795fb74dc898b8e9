using System.Text.Json;
using Amazon.EC2.Model;

namespace Coriolis.Cli.Tests;

public sealed class OptionsTests
{
    private EmulatedAccount _account = null!;

    [OneTimeSetUp]
    public async Task SetUp() => _account = await EmulatedAccount.StartAsync();

    [OneTimeTearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [Test]
    public async Task Options_AsJson_HasTheFormOfCoriolisWithWhatExistsInTheAccount()
    {
        var run = await _account.RunAsync("options", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        var options = run.Json.EnumerateArray().ToDictionary(option => option.GetProperty("name").GetString()!, option => option);
        var subnets = await _account.Ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest());
        Assert.Multiple(() =>
        {
            Assert.That(options.Keys, Is.EqualTo(new[] { "export_image", "migr_image_map", "worker_instance_type", "worker_subnet_id" }));
            Assert.That(Values("export_image").Select(image => image.GetProperty("name").GetString()), Has.Some.Contains("ubuntu-noble-24.04-amd64"));
            Assert.That(Values("migr_image_map").Select(image => image.GetProperty("os_type").GetString()), Is.All.EqualTo("linux"));
            Assert.That(Values("worker_instance_type").Select(type => type.GetString()), Has.Member("t2.medium").And.Member("m5.large"));
            Assert.That(options["worker_instance_type"].GetProperty("config_default").GetString(), Is.EqualTo("t2.medium"));
            Assert.That(
                Values("worker_subnet_id").Select(subnet => subnet.GetProperty("id").GetString()),
                Is.EquivalentTo(subnets.Subnets.Select(subnet => subnet.SubnetId)));
        });

        IEnumerable<JsonElement> Values(string name) => options[name].GetProperty("values").EnumerateArray();
    }

    [Test]
    public async Task Options_OfOneSetting_ForPeople_AreATableWithTheDefaultMarked()
    {
        var run = await _account.RunAsync(
            "options", "--option", "worker_instance_type", "--source-environment", """{"worker_instance_type": "m5.large"}""");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Output, Does.Contain("m5.large (default)").And.Not.Contain("subnet-"));
    }

    [Test]
    public async Task Options_OfASettingWithoutValues_IsAUsageErrorThatNamesThoseWithSome()
    {
        var run = await _account.RunAsync("options", "--option", "poll_interval");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain("poll_interval").And.Contain("worker_subnet_id"));
    }

    [TestCase("connection-info", "access_key_id")]
    [TestCase("source-environment", "worker_instance_type")]
    public async Task Schema_OfEither_IsOneJsonObject(string subject, string property)
    {
        var run = await CliRun.OfAsync("schema", subject);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Json.GetProperty("properties").TryGetProperty(property, out _), Is.True);
    }

    [Test]
    public async Task Schema_OfSomethingElse_IsAUsageError()
    {
        var run = await CliRun.OfAsync("schema", "destination");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain("source-environment"));
    }
}
