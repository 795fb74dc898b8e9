using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws.Tests.Configuration;

public sealed class AwsSourceOptionsTests
{
    [Test]
    public void UseConfiguration_IniFileOfCoriolis_SetsOptions()
    {
        const string ini = """
            [aws_migration_provider]
            worker_instance_type = m5.large
            shutdown_migrated_instance = True
            migr_image_map = linux:ami-50946030,windows:ami-50946031
            snapshot_stall_timeout = 90
            max_pending_snapshots = 12
            """;
        var configuration = new ConfigurationBuilder().AddIniStream(new MemoryStream(Encoding.UTF8.GetBytes(ini))).Build();

        var options = Bind(builder => builder.UseConfiguration(configuration.GetSection(CoriolisAwsBuilder.ConfigurationSectionName)));

        Assert.Multiple(() =>
        {
            Assert.That(options.WorkerInstanceType, Is.EqualTo("m5.large"));
            Assert.That(options.ShutdownMigratedInstance, Is.True);
            Assert.That(options.MigrImageMap["linux"], Is.EqualTo("ami-50946030"));
            Assert.That(options.MigrImageMap["windows"], Is.EqualTo("ami-50946031"));
            Assert.That(options.SnapshotStallTimeout, Is.EqualTo(TimeSpan.FromSeconds(90)));
            Assert.That(options.MaxPendingSnapshots, Is.EqualTo(12));
        });
    }

    [Test]
    public void UseConfiguration_PascalCaseKeysAndSections_SetsTheSameOptions()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Aws:ShutdownMigratedInstance"] = "true",
            ["Aws:ExtraTags:cost-center"] = "42",
            ["Aws:ReleaseTimeout"] = "00:05:00",
        }).Build();

        var options = Bind(builder => builder.UseConfiguration(configuration.GetSection("Aws")));

        Assert.Multiple(() =>
        {
            Assert.That(options.ShutdownMigratedInstance, Is.True);
            Assert.That(options.ExtraTags["cost-center"], Is.EqualTo("42"));
            Assert.That(options.ReleaseTimeout, Is.EqualTo(TimeSpan.FromMinutes(5)));
        });
    }

    [TestCase("false", false)]
    [TestCase("true", true)]
    [TestCase("\"true\"", true)]
    [TestCase("\"no\"", false)]
    public void UseSourceEnvironment_DocumentedExample_SetsOptions(string shutdown, bool expected)
    {
        var json = $$"""
            {"migr_image_map": {"linux": "ami-50946030", "windows": "ami-50946031"}, "worker_instance_type": "t2.medium",
             "shutdown_migrated_instance": {{shutdown}}, "export_image": "ami-0123456789abcdef0"}
            """;

        var options = Bind(builder => builder.UseSourceEnvironment(json));

        Assert.Multiple(() =>
        {
            Assert.That(options.MigrImageMap, Has.Count.EqualTo(2));
            Assert.That(options.ShutdownMigratedInstance, Is.EqualTo(expected));
            Assert.That(options.ExportImage, Is.EqualTo("ami-0123456789abcdef0"));
        });
    }

    [Test]
    public void Bind_ManyMistakes_AreAllReportedAtOnce()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(builder => builder
            .UseSourceEnvironment("""{"shutdown_migrated_instance": "perhaps", "colour": "red", "migr_image_map": {"beos": "image"}, "worker_instance_type": "huge"}""")
            .Configure(options =>
            {
                options.MaxPendingSnapshots = 0;
                options.ReleaseTimeout = TimeSpan.Zero;
                options.ExtraTags["aws:mine"] = "";
                options.ExtraTags["coriolis:owner"] = "me";
            })));

        Assert.That(
            error!.Message,
            Does.Contain("'perhaps' is not true or false").And.Contain("'colour' is not a known setting").And.Contain("'beos' is not a known guest OS")
                .And.Contain("'image' is not an image id").And.Contain("worker_instance_type").And.Contain("MaxPendingSnapshots")
                .And.Contain("release_timeout").And.Contain("'aws:mine' is reserved").And.Contain("'coriolis:owner' is reserved"));
    }

    [TestCase("{", "not JSON")]
    [TestCase("[]", "must be a JSON object")]
    [TestCase("""{"worker_instance_type": {"a": "b"}}""", "must be a single value")]
    [TestCase("""{"poll_interval": "soon"}""", "'soon' is not a duration")]
    [TestCase("""{"migr_image_map": "linux"}""", "'linux' is not of the form key:value")]
    public void UseSourceEnvironment_InvalidJson_SaysWhatIsWrong(string json, string expected)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(builder => builder.UseSourceEnvironment(json)));

        Assert.That(error!.Message, Does.Contain(expected));
    }

    [Test]
    public void Defaults_WithoutConfiguration_AreValid()
    {
        var options = Bind(_ => { });

        Assert.That(options.WorkerInstanceType, Is.EqualTo("t2.medium"));
    }

    private static AwsSourceOptions Bind(Action<CoriolisAwsBuilder> configure)
    {
        using var services = new ServiceCollection().AddCoriolisAws(configure).BuildServiceProvider();
        return services.GetRequiredService<IOptionsMonitor<AwsSourceOptions>>().CurrentValue;
    }
}
