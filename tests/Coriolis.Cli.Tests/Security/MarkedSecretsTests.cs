using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Destinations;
using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Coriolis.Replication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coriolis.Cli.Tests;

/// <summary>Secrets with a mark go in; nothing that the process tells, prints or writes has the mark in it.</summary>
[NonParallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MarkedSecretsTests : IAsyncDisposable
{
    private readonly Marks _marks = new();
    private readonly Witness _witness = new();
    private readonly List<string> _printed = [];
    private EmulatedAccount? _account;

    private EmulatedAccount Account => _account!;

    public async ValueTask DisposeAsync()
    {
        _witness.Dispose();
        if (_account is not null)
        {
            await _account.DisposeAsync();
        }
    }

    [Test]
    public async Task Library_FullIncrementalAndVerified_TellsNoSecret()
    {
        await StartAsync();
        var instance = await Account.LaunchAsync("web");
        var session = await AssumeRoleAsync();

        await ReplicateAsync(session);
        Account.Write(instance.RootId, 0, EmulatedAccount.Pattern(9, EmulatedAccount.Chunk));
        await ReplicateAsync(session);

        await Account.AssertReplicaEqualsSourceAsync(instance);
        Assert.That(_witness.CountOf("log "), Is.Positive, "the witness heard no log");
        Assert.That(_witness.CountOf("activity"), Is.Positive, "the witness heard no activity");
        Assert.That(_witness.CountOf("metric"), Is.Positive, "the witness heard no metric");
        AssertNoMark();
    }

    [TestCase("ec2:*", FaultKind.AccessDenied)]
    [TestCase("ebs:*", FaultKind.AccessDenied)]
    [TestCase("ebs:*", FaultKind.ExpiredCredentials)]
    [TestCase("ec2:*", FaultKind.DropConnection)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.DropConnection)]
    [TestCase("ebs:GetSnapshotBlock", FaultKind.WrongChecksum)]
    [TestCase("ebs:ListSnapshotBlocks", FaultKind.TornBody)]
    [TestCase("ec2:DescribeVolumes", FaultKind.ServerError)]
    [TestCase("ec2:DescribeInstances", FaultKind.Throttle)]
    public async Task Library_CallsFail_TellsNoSecret(string operation, FaultKind fault)
    {
        await StartAsync();
        await Account.LaunchAsync("web");
        var session = await AssumeRoleAsync();
        Account.Faults.Add(new FaultRule { Operation = operation, Kind = fault });

        var error = await ReplicateAsync(session);

        Assert.That(error, Is.Not.Null);
        AssertNoMark();
    }

    // Real services quote the signed headers, session token included, when the signature is wrong; so does the emulator.
    [TestCase(ReadPath.Direct)]
    [TestCase(ReadPath.Worker)]
    public async Task Library_WrongSecretWithASessionToken_TellsNeither(ReadPath path)
    {
        await StartAsync();
        await Account.LaunchAsync("web");
        var session = await AssumeRoleAsync() with { SecretAccessKey = _marks.Make("the wrong secret access key") };

        var error = await ReplicateAsync(session, path);

        Assert.That(error, Is.TypeOf<SourceAccessDeniedException>());
        AssertNoMark();
    }

    [Test]
    public async Task Library_RoleWithAWrongSecret_TellsNeither()
    {
        await StartAsync();
        await Account.LaunchAsync("web");
        var connection = (await AssumeRoleAsync()) with
        {
            SecretAccessKey = _marks.Make("the wrong secret access key"),
            RoleArn = "arn:aws:iam::123456789012:role/replicator",
        };

        var error = await ReplicateAsync(connection);

        Assert.That(error, Is.TypeOf<SourceAccessDeniedException>());
        AssertNoMark();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Tool_EveryCommandVerbose_PrintsNoSecret(bool wrongSecret)
    {
        await StartAsync();
        var instance = await Account.LaunchAsync("web");
        var session = await AssumeRoleAsync();
        using var environment = new AwsVariables(new()
        {
            ["AWS_ACCESS_KEY_ID"] = session.AccessKeyId!,
            ["AWS_SECRET_ACCESS_KEY"] = wrongSecret ? _marks.Make("the wrong secret access key") : session.SecretAccessKey!,
            ["AWS_SESSION_TOKEN"] = session.SessionToken!,
        });
        string[] folders = ["--to", Account.To, "--state", Account.State];
        string[][] commands =
        [
            ["doctor"], ["instances"], ["inspect", "web"], ["replicate", "web", .. folders], ["replicate", "web", "--json", .. folders],
            ["status", "--state", Account.State], ["verify", "web", .. folders], ["sweep", "--state", Account.State], ["options"], ["iam-policy"],
        ];
        foreach (var command in commands)
        {
            Keep(await Account.RunAsync([.. command, "--verbose"]));
        }

        if (!wrongSecret)
        {
            await Account.AssertReplicaEqualsSourceAsync(instance);
        }

        AssertNoMark();
    }

    [Test]
    public async Task Tool_EndpointWithAPassword_IsRefusedWithoutPrintingIt()
    {
        var url = $"https://user:{_marks.Make("the password")}@ec2.example";

        Keep(await CliRun.OfAsync("doctor", "--region", "eu-west-1", "--endpoint-url", url, "--verbose"));
        var connection = Assert.Throws<FormatException>(() => AwsConnectionInfo.Parse($$"""{ "region": "eu-west-1", "endpoint_url": "{{url}}" }"""));
        _printed.Add(connection!.ToString());

        Assert.That(string.Concat(_printed), Does.Contain("must not contain"));
        AssertNoMark();
    }

    [Test]
    public void Library_ConnectionInfoThatIsWrong_NamesFieldsAndNoValues()
    {
        string[] documents =
        [
            $$"""{ "region": "eu-west-1", "secret_access_key": "{{_marks.Make("a secret without its id")}}" }""",
            $$"""{ "region": "eu-west-1", "access_key_id": "AKIA", "secret_access_key": ["{{_marks.Make("a secret in a list")}}"] }""",
            $$"""{ "region": "eu-west-1", "access_key_id": "AKIA", "secret_access_key": "{{_marks.Make("a secret that is cut off")}}""",
            $$"""{ "region": "eu-west-1", "access_key_id": "AKIA", "secret_access_key": {{_marks.Make("a secret without quotes")}} }""",
            $$"""{ "region": "eu-west-1", "session_token": "{{_marks.Make("a token without a key")}}" }""",
        ];
        foreach (var document in documents)
        {
            _printed.Add(Assert.Throws<FormatException>(() => AwsConnectionInfo.Parse(document))!.ToString());
        }

        AssertNoMark();
    }

    [Test]
    public async Task Tool_ProxyThatAsksForAnotherPassword_PrintsNoPassword()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var refusing = RefuseAsync(proxy);
        var environment = new Dictionary<string, string>(AwsEnvironment.Variables)
        {
            ["HTTPS_PROXY"] = $"http://user:{_marks.Make("the proxy's password")}@127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}",
        };

        // The address is reserved: nothing is there, and only the proxy is asked.
        using var process = ChildProcess.OfTool(
            ["doctor", "--region", "eu-west-1", "--endpoint-url", "https://ec2.invalid", "--verbose"],
            environment);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var run = await process.WaitAsync(patience.Token);
        Keep(run);
        proxy.Stop();

        Assert.That(await refusing, Is.Positive, "the proxy was not asked");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        AssertNoMark();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Tool_ThroughAWorker_PrintsNoKey(bool failing)
    {
        await StartAsync(realWorkers: true);
        await Account.LaunchAsync("web");
        if (failing)
        {
            Account.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = FaultKind.WrongHostKey });
        }

        var environment = """{ "worker_instance_type": "t3.medium", "worker_allowed_cidr": "198.18.0.0/15", "worker_boot_timeout": "30" }""";
        var run = await Account.ReplicateAsync("web", "--read-path", "worker", "--source-environment", environment, "--verbose");
        Keep(run);

        Assert.That(run.ExitCode, Is.EqualTo(failing ? ExitCode.Failed : ExitCode.Done), run.Error);
        await MarkHostKeysAsync();
        AssertNoMark();
    }

    [Test]
    public async Task Tool_PassphraseOfAGuest_IsPrintedAndWrittenNowhere()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || FindProgram("cryptsetup") is null)
        {
            Assert.Ignore("Morphing a disk needs root, and the test cryptsetup.");
        }

        using var folder = new TemporaryFolder();
        var disk = folder["guest.raw"];
        await using (var file = File.Create(disk))
        {
            file.SetLength(32 << 20);
        }

        // The right one, which opens the disk where the kernel can, and a wrong one.
        var right = await WriteAsync(folder["right"], _marks.Make("the passphrase"));
        var wrong = await WriteAsync(folder["wrong"], _marks.Make("the wrong passphrase"));
        using (var format = Process.Start("cryptsetup", ["luksFormat", "--batch-mode", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", disk, right]))
        {
            await format.WaitForExitAsync();
            Assert.That(format.ExitCode, Is.Zero);
        }

        Keep(await CliRun.OfAsync("morph", disk, "--passphrase-file", right, "--verbose"));
        Keep(await CliRun.OfAsync("morph", disk, "--passphrase-file", wrong, "--verbose", "--json"));

        File.Delete(right);
        File.Delete(wrong);
        Assert.That(_printed, Has.All.Not.Empty);
        Assert.That(_marks.FindInFolder(folder.Path), Is.Empty);
        AssertNoMark();
    }

    [Test]
    public void FindIn_SecretInAnyForm_FindsIt()
    {
        var secret = _marks.Make("the secret");

        Assert.Multiple(() =>
        {
            Assert.That(_marks.FindIn("a text", $"x{secret}y"), Is.Not.Empty);
            Assert.That(_marks.FindIn("a text", Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"x{secret}y"))), Is.Not.Empty);
            Assert.That(_marks.FindIn("a text", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{secret}y"))), Is.Not.Empty);
            Assert.That(_marks.FindIn("a text", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x{secret}y"))), Is.Not.Empty);
            Assert.That(_marks.FindIn("a text", Convert.ToBase64String(Encoding.UTF8.GetBytes($"xx{secret}yy"))), Is.Not.Empty);
            Assert.That(_marks.FindIn("a text", "nothing"), Is.Empty);
        });
    }

    private static async Task<string> WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    private static string? FindProgram(string name) =>
        new[] { "/usr/sbin", "/sbin", "/usr/bin" }.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static async Task<int> RefuseAsync(TcpListener proxy)
    {
        var asked = 0;
        try
        {
            while (true)
            {
                using var client = await proxy.AcceptTcpClientAsync();
                await client.GetStream().ReadAtLeastAsync(new byte[4096], 1);
                await client.GetStream().WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                asked++;
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return asked;
        }
    }

    private async Task StartAsync(bool realWorkers = false)
    {
        if (realWorkers && await AwsEmulator.FindWorkerObstacleAsync() is { } obstacle)
        {
            Assert.Ignore(obstacle);
        }

        _account = await EmulatedAccount.StartAsync(realWorkers: realWorkers);
        _marks.Add("the secret access key of the user", AwsEnvironment.Credential.SecretAccessKey);
    }

    /// <summary>Temporary credentials; their secret and their token are marks.</summary>
    private async Task<AwsConnectionInfo> AssumeRoleAsync()
    {
        using var sts = new AmazonSecurityTokenServiceClient(
            new BasicAWSCredentials(AwsEnvironment.Credential.AccessKeyId, AwsEnvironment.Credential.SecretAccessKey),
            new AmazonSecurityTokenServiceConfig { ServiceURL = Account.Endpoint, AuthenticationRegion = EmulatedAccount.Region });
        var answer = await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = "arn:aws:iam::123456789012:role/test", RoleSessionName = "marked" });
        _marks.Add("the secret access key of the session", answer.Credentials.SecretAccessKey);
        _marks.Add("the session token", answer.Credentials.SessionToken);
        return new AwsConnectionInfo
        {
            Region = EmulatedAccount.Region,
            EndpointUrl = new Uri(Account.Endpoint),
            AccessKeyId = answer.Credentials.AccessKeyId,
            SecretAccessKey = answer.Credentials.SecretAccessKey,
            SessionToken = answer.Credentials.SessionToken,
        };
    }

    private async Task<Exception?> ReplicateAsync(AwsConnectionInfo connection, ReadPath path = ReadPath.Direct)
    {
        await using var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_witness))
            .AddCoriolisAws(aws => aws.UseConnection(connection).Configure(options =>
            {
                options.RetryBudget = TimeSpan.FromSeconds(1);
                options.WorkerAllowedCidr = "198.18.0.0/15";
            }))
            .AddCoriolisReplication(options => options.StateDirectory = Account.State)
            .AddRawDestination(options => options.Directory = Account.To)
            .BuildServiceProvider();
        _printed.Add(connection.ToString());
        try
        {
            var report = await services.GetRequiredService<ReplicaPipeline>().RunAsync(new ReplicationRequest { Instance = "web", ReadPath = path });
            _printed.Add(report.ToString());
            _printed.AddRange(report.Disks.Select(disk => $"{disk} {disk.Error}"));
            return report.Disks.Select(disk => disk.Error).FirstOrDefault(error => error is not null);
        }
        catch (CoriolisException error)
        {
            _printed.Add(error.ToString());
            return error;
        }
    }

    private async Task MarkHostKeysAsync()
    {
        var described = await Account.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest { Filters = [new Filter("tag:Name", ["coriolis-worker-*"])] });
        foreach (var worker in described.Reservations.SelectMany(reservation => reservation.Instances))
        {
            var attribute = await Account.Ec2.DescribeInstanceAttributeAsync(
                new DescribeInstanceAttributeRequest { InstanceId = worker.InstanceId, Attribute = Amazon.EC2.InstanceAttributeName.UserData });
            var config = Encoding.UTF8.GetString(Convert.FromBase64String(attribute.InstanceAttribute.UserData));
            using var document = JsonDocument.Parse(config[config.IndexOf('{', StringComparison.Ordinal)..]);
            var key = document.RootElement.GetProperty("ssh_keys").GetProperty("ed25519_private").GetString()!;
            var lines = key.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..^1];
            Assert.That(lines, Has.Length.GreaterThan(2));
            foreach (var line in lines)
            {
                _marks.Add($"the host key of {worker.InstanceId}", line);
            }
        }
    }

    private void Keep(CliRun run) => _printed.Add($"{run.Output}\n{run.Error}");

    private void AssertNoMark()
    {
        var found = _marks.FindIn("what the process told", _witness.Text)
            .Concat(_printed.SelectMany(text => _marks.FindIn("what was printed", text)))
            .ToList();
        if (_account is not null)
        {
            found.AddRange(_marks.FindInFolder(Account.To));
            found.AddRange(Directory.Exists(Account.State) ? _marks.FindInFolder(Account.State) : []);
        }

        Assert.That(found, Is.Empty);
    }
}
