using System.Text.Json;
using System.Text.RegularExpressions;

namespace Coriolis.Cli.Tests.IamPolicy;

public sealed partial class IamPolicyTests
{
    /// <summary>What only doctor and options ask for, and what needs no permission.</summary>
    private static readonly string[] s_optional =
        ["ec2:GetEbsDefaultKmsKeyId", "ec2:GetEbsEncryptionByDefault", "ec2:DescribeInstanceTypeOfferings", "sts:GetCallerIdentity"];

    [Test]
    public async Task IamPolicy_EveryOption_AllowsWhatTheDocumentLists()
    {
        var run = await CliRun.OfAsync("iam-policy", "--read-path", "auto", "--kms", "--shutdown");
        var documented = Action().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "permissions.md"))).Select(match => match.Value);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(Actions(run.Output), Is.EquivalentTo(documented.Distinct().Except(s_optional)));
    }

    [TestCase("direct", "ebs:GetSnapshotBlock", "ec2:RunInstances")]
    [TestCase("worker", "ec2:RunInstances", "ebs:GetSnapshotBlock")]
    public async Task IamPolicy_OneReadPath_AllowsNothingOfTheOther(string path, string allowed, string other)
    {
        var run = await CliRun.OfAsync("iam-policy", "--read-path", path);

        Assert.That(Actions(run.Output), Does.Contain(allowed).And.Not.Contain(other).And.None.StartsWith("kms:"));
    }

    private static List<string> Actions(string policy)
    {
        using var document = JsonDocument.Parse(policy);
        return
        [
            .. document.RootElement.GetProperty("Statement").EnumerateArray()
                .SelectMany(statement => statement.GetProperty("Action").EnumerateArray())
                .Select(action => action.GetString()!)
                .Distinct(),
        ];
    }

    [GeneratedRegex("(?:ec2|ebs|kms|sts):[A-Z][a-z][A-Za-z]+")]
    private static partial Regex Action();
}
