using System.Net;
using System.Text.RegularExpressions;
using Amazon.KeyManagementService.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Tests.Ebs;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Errors;

/// <summary>Every error code that is known, or that the emulator answers, through the real AWS SDK and the client of the block API.</summary>
public sealed partial class ErrorTableTests
{
    private TestAccount _account = null!;

    /// <summary>The codes of the table, and those that the emulator's source names.</summary>
    private static IReadOnlyCollection<string> Codes { get; } = [.. AwsErrorTable.Codes.Keys.Union(FindEmulatorCodes()).Order(StringComparer.Ordinal)];

    [OneTimeSetUp]
    public async Task StartAsync() => _account = await TestAccount.StartAsync(aws => aws.Configure(options => options.RetryBudget = TimeSpan.FromSeconds(2)));

    [OneTimeTearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [TearDown]
    public void Forget() => _account.Emulator.Faults.Clear();

    [Test]
    public async Task Ec2_AnyCode_CarriesCodeRequestIdSubjectAndRemedy()
    {
        const string InstanceId = "i-0123456789abcdef0";

        await AssertEachAsync("ec2:DescribeInstances", InstanceId, () => _account.Provider.GetInstanceAsync(InstanceId));
    }

    // The call has no subject but the caller.
    [Test]
    public async Task Sts_AnyCode_CarriesCodeRequestIdAndRemedy() =>
        await AssertEachAsync("sts:GetCallerIdentity", null, () => _account.Provider.ValidateConnectionAsync());

    [Test]
    public async Task Kms_AnyCode_CarriesCodeRequestIdSubjectAndRemedy()
    {
        var keyId = (await _account.Kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var id = await _account.LaunchAsync("encrypted", adjust: request =>
        {
            request.BlockDeviceMappings[1].Ebs.Encrypted = true;
            request.BlockDeviceMappings[1].Ebs.KmsKeyId = keyId;
        });
        var instance = await _account.Provider.GetInstanceAsync(id);

        await AssertEachAsync("kms:DescribeKey", keyId, () => _account.Provider.CaptureAsync(instance, Request("kms")));
    }

    [Test]
    public async Task Ebs_AnyCode_CarriesCodeRequestIdSubjectAndRemedy()
    {
        const string SnapshotId = "snap-0123456789abcdef0";
        var wrong = new List<string>();
        foreach (var code in Codes)
        {
            using var fixture = new EbsFixture(new EbsClientOptions { RetryBudget = TimeSpan.FromSeconds(2) });
            fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(InMemoryEbs.Error(HttpStatusCode.BadRequest, code, null, "No."));

            var error = await CatchAsync(
                async () =>
                {
                    try
                    {
                        await fixture.Client.GetSnapshotBlockAsync(SnapshotId, 5, "dG9rZW4=", new byte[512 * 1024], default, CancellationToken.None);
                    }
                    catch (EbsException refused)
                    {
                        throw AwsErrors.Create(refused, TestAccount.Region, kmsKeyId: null);
                    }
                });

            Judge(code, error, SnapshotId, "request-1", HttpStatusCode.BadRequest, wrong);
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Table_EveryRule_HasARemedyThatIsASentence() =>
        Assert.That(AwsErrorTable.Codes.Where(rule => !rule.Value.Remedy.EndsWith('.') && !rule.Value.Remedy.Contains("HTTPS_PROXY", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Document_TablesOfCodes_AreTheTable()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs", "errors.md"));
        var documented = DocumentedRow().Matches(text).SelectMany(row =>
            CodeInDocument().Matches(row.Groups["codes"].Value).Select(code => (code.Groups[1].Value, row.Groups["class"].Value)));

        Assert.That(documented, Is.EquivalentTo(AwsErrorTable.Codes.Select(rule => (rule.Key, ClassOf(rule.Value)))));
    }

    private static string ClassOf(AwsErrorRule rule) => rule.Retry switch
    {
        AwsRetry.Throttled or AwsRetry.ServerFault => "transient, repeated",
        AwsRetry.Later => "transient",
        AwsRetry.Renewed => "permanent until renewed",
        _ => "permanent",
    };

    private static CaptureRequest Request(string executionId) => new() { OwnerId = "o1", ReplicaId = "r1", ExecutionId = executionId };

    private static IEnumerable<string> FindEmulatorCodes() =>
        Directory.EnumerateFiles(Path.Combine(Root(), "src", "Coriolis.Aws.Emulator"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => EmulatorCode().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (Directory.GetFiles(folder, "*.sln").Length == 0)
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    private async Task AssertEachAsync(string operation, string? subject, Func<Task> call)
    {
        var wrong = new List<string>();
        foreach (var code in Codes)
        {
            _account.Emulator.Faults.Add(new FaultRule { Operation = operation, Kind = FaultKind.AccessDenied, Code = code });
            var error = await CatchAsync(call);
            _account.Emulator.Faults.Clear();
            var answered = _account.Emulator.Calls.GetLatest().Last(item => item.ErrorCode == code);
            Judge(code, error, subject, answered.RequestId, (HttpStatusCode)answered.Status, wrong);
        }

        Assert.That(Codes, Has.Count.GreaterThan(100));
        Assert.That(wrong, Is.Empty);
    }

    private static void Judge(string code, CoriolisException? error, string? subject, string requestId, HttpStatusCode status, List<string> wrong)
    {
        var known = AwsErrorTable.Find(new AwsFailure(code, "", status, null));
        if (error?.ErrorCode != code
            || error.RequestId != requestId
            || error.IsTransient != known.IsTransient
            || string.IsNullOrEmpty(error.Remedy)
            || error.Remedy.Contains('{', StringComparison.Ordinal)
            || (subject is not null && error.ResourceId?.Contains(subject, StringComparison.Ordinal) != true))
        {
            wrong.Add($"{code}: code {error?.ErrorCode}, request {error?.RequestId} instead of {requestId}, transient {error?.IsTransient}, "
                + $"subject {error?.ResourceId}, remedy {error?.Remedy}");
        }
    }

    private static async Task<CoriolisException?> CatchAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (CoriolisException error)
        {
            return error;
        }
    }

    // What the emulator's source gives to the constructor of its errors, or to the helpers that make one.
    [GeneratedRegex("(?:new|AwsErrorException|Create|Error)\\(\\s*\"([A-Z][A-Za-z]+(?:\\.[A-Z][A-Za-z]+)?)\",\\s*(?:\\d{3}|[A-Za-z]*Status|\\$?\")")]
    private static partial Regex EmulatorCode();

    [GeneratedRegex(@"^\| (?<codes>`[^|]+) \| (?<class>transient[^|]*|permanent[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedRow();

    [GeneratedRegex("`([A-Za-z0-9.]+)`")]
    private static partial Regex CodeInDocument();
}
