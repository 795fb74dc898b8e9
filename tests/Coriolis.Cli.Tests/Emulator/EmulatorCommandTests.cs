using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.Runtime;

namespace Coriolis.Cli.Tests;

[CancelAfter(60_000)]
public sealed class EmulatorCommandTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Emulator_Started_PrintsAnEnvironmentThatWorks(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var output = new EnvironmentWriter();
        var running = RunAsync(output, stop.Token);
        var environment = await output.Environment.WaitAsync(cancellationToken);

        var configuration = new AmazonEC2Config
        {
            ServiceURL = environment["AWS_ENDPOINT_URL"],
            AuthenticationRegion = environment["AWS_REGION"],
        };
        var credentials = new BasicAWSCredentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]);
        using var ec2 = new AmazonEC2Client(credentials, configuration);
        var instances = await ec2.DescribeInstancesAsync(new DescribeInstancesRequest(), cancellationToken);

        Assert.That(instances.HttpStatusCode, Is.EqualTo(System.Net.HttpStatusCode.OK));
        await stop.CancelAsync();
        Assert.That(await running, Is.EqualTo(ExitCode.Done));
    }

    [Test]
    public async Task Emulator_WithGivenCredentials_DoesNotPrintTheSecret(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var output = new EnvironmentWriter();
        var running = RunAsync(output, stop.Token, "--credentials", "AKIAEXAMPLE:top-secret");
        await output.Environment.WaitAsync(cancellationToken);
        await stop.CancelAsync();

        Assert.That(await running, Is.EqualTo(ExitCode.Done));
        Assert.That(output.ToString(), Does.Contain("AKIAEXAMPLE").And.Not.Contain("top-secret"));
    }

    [Test]
    public async Task Emulator_WithAPolicy_DeniesWhatItDoesNotAllow(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            _folder["policy.json"],
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*"}}""",
            cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var output = new EnvironmentWriter();
        var running = RunAsync(output, stop.Token, "--credentials", "AKIAEXAMPLE:secret", "--policy", $"AKIAEXAMPLE={_folder["policy.json"]}");
        var environment = await output.Environment.WaitAsync(cancellationToken);
        var configuration = new AmazonEC2Config { ServiceURL = environment["AWS_ENDPOINT_URL"], AuthenticationRegion = environment["AWS_REGION"] };
        using var ec2 = new AmazonEC2Client(new BasicAWSCredentials("AKIAEXAMPLE", "secret"), configuration);

        await ec2.DescribeInstancesAsync(new DescribeInstancesRequest(), cancellationToken);
        var error = Assert.ThrowsAsync<AmazonEC2Exception>(() => ec2.DescribeVolumesAsync(new DescribeVolumesRequest(), cancellationToken));

        Assert.That(error.ErrorCode, Is.EqualTo("UnauthorizedOperation"));
        await stop.CancelAsync();
        await running;
    }

    [TestCase("{}", "AKIAEXAMPLE", "Statement is missing")]
    [TestCase("""{"Statement":[]}""", "AKIAOTHER", "no --credentials names the access key 'AKIAOTHER'")]
    public async Task Emulator_WithAPolicyThatCannotApply_IsAUsageErrorThatSaysWhy(string policy, string id, string problem)
    {
        await File.WriteAllTextAsync(_folder["policy.json"], policy);

        var run = await CliRun.OfAsync(
            "emulator", "--listen", "127.0.0.1:0", "--data", _folder["data"], "--credentials", "AKIAEXAMPLE:secret", "--policy", $"{id}={_folder["policy.json"]}");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain(problem));
    }

    [Test]
    public async Task Emulator_WithAFaultFile_InjectsTheFaults(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            _folder["faults.json"], """{"rules":[{"operation":"ec2:DescribeInstances","kind":"accessDenied"}]}""", cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var output = new EnvironmentWriter();
        var running = RunAsync(
            output, stop.Token, "--faults", _folder["faults.json"], "--credentials",
            $"{AwsEnvironment.Credential.AccessKeyId}:{AwsEnvironment.Credential.SecretAccessKey}");
        var environment = await output.Environment.WaitAsync(cancellationToken);

        var run = await CliRun.OfAsync("instances", "--endpoint-url", environment["AWS_ENDPOINT_URL"], "--region", environment["AWS_REGION"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Error, Does.Contain("ec2:DescribeInstances"));
        await stop.CancelAsync();
        await running;
    }

    [Test]
    public async Task Emulator_WithABrokenFaultFile_IsAUsageErrorThatSaysWhere()
    {
        await File.WriteAllTextAsync(_folder["faults.json"], """{"rules":[{"operation":"ec2:*","kind":"explode"}]}""");

        var run = await CliRun.OfAsync("emulator", "--listen", "127.0.0.1:0", "--data", _folder["data"], "--faults", _folder["faults.json"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain("faults.json").And.Contain("kind"));
    }

    private Task<int> RunAsync(TextWriter output, CancellationToken cancellationToken, params string[] args)
    {
        var app = new App(new Terminal(output, output), TimeProvider.System);
        return app.RunAsync(["emulator", "--listen", "127.0.0.1:0", "--data", _folder["data"], .. args], cancellationToken);
    }

    /// <summary>Collects the exported variables; complete when the access key has been printed.</summary>
    private sealed class EnvironmentWriter : StringWriter
    {
        private readonly Dictionary<string, string> _variables = [];
        private readonly TaskCompletionSource<IReadOnlyDictionary<string, string>> _complete = new();

        public Task<IReadOnlyDictionary<string, string>> Environment => _complete.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Split([' ', '='], 3) is ["export", var name, var text])
            {
                _variables[name] = text;
            }
            else
            {
                _complete.TrySetResult(_variables);
            }
        }
    }
}
