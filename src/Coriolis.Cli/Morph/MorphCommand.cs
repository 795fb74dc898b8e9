using System.CommandLine;
using Coriolis.Morphing;
using Coriolis.Morphing.Runs;
using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Cli;

internal sealed class MorphCommand : CliCommand
{
    private static readonly SortedDictionary<string, AwsLeftovers> s_leftovers = new(StringComparer.Ordinal)
    {
        ["clock"] = AwsLeftovers.Clock,
        ["cloudwatch-agent"] = AwsLeftovers.CloudWatchAgent,
        ["device-rules"] = AwsLeftovers.DeviceRules,
        ["hibernation"] = AwsLeftovers.Hibernation,
        ["instance-connect"] = AwsLeftovers.InstanceConnect,
        ["network-utilities"] = AwsLeftovers.NetworkUtilities,
        ["other-agents"] = AwsLeftovers.OtherAgents,
        ["ssm-agent"] = AwsLeftovers.SystemsManagerAgent,
    };

    private readonly Argument<string[]> _disks = new("DISK")
    {
        Description = "The guest's disks, raw images or block devices; the one that boots first.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only show what would change; nothing is written." };

    private readonly Option<string?> _report = new("--report")
    {
        Description = "Where the report goes, and FILE.undo.tar beside it; otherwise the first disk's name with .morph.json appended.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _undo = new("--undo")
    {
        Description = "Take back the morph that this report describes.",
        HelpName = "REPORT",
    };

    private readonly Option<bool> _keepAddresses = new("--keep-static-network")
    {
        Description = "Keep static addresses that cloud-init wrote instead of asking for DHCP.",
    };

    private readonly Option<string[]> _keep = new("--keep")
    {
        Description = $"Leave this of AWS in the guest: {string.Join(", ", s_leftovers.Keys)}; may be given several times.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _passphrase = new("--passphrase-file")
    {
        Description = "The passphrase of the guest's encrypted volumes is in this file, or on standard input when it is -.",
        HelpName = "FILE",
    };

    public MorphCommand()
        : base(
            "morph",
            "Takes cloud-init and AWS out of the Linux guest on a replica's disks; as root on a Linux machine.",
            hasJson: true,
            "morph /replicas/web-1/vol-0123456789abcdef0.raw --dry-run",
            "morph /replicas/web-1/vol-0123456789abcdef0.raw --report web-1.json",
            "morph --undo web-1.json")
    {
        AddAll(_disks, _dryRun, _report, _undo, _keepAddresses, _keep, _passphrase);
        _keep.CompletionSources.Add([.. s_leftovers.Keys]);
        Validators.Add(result =>
        {
            var kept = result.GetValue(_keep) ?? [];
            if (kept.FirstOrDefault(name => !s_leftovers.ContainsKey(name)) is { } unknown)
                result.AddError($"--keep takes one of {string.Join(", ", s_leftovers.Keys)}, not '{unknown}'.");

            var undo = result.GetValue(_undo) is not null;
            var disks = result.GetValue(_disks) is { Length: > 0 };
            if (undo == disks)
                result.AddError(undo ? "--undo takes the disks from the report; name none." : "Name the guest's disks, or a report to --undo.");
            else if (undo && (result.GetValue(_dryRun) || result.GetValue(_report) is not null || result.GetValue(_keepAddresses) || kept.Length > 0))
                result.AddError("--undo goes with no other option of morph but --passphrase-file.");
        });
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            throw new UsageException(["morph mounts the guest's file systems, which needs root on a Linux machine."]);

        var kept = invocation.Get(_keep).Aggregate(AwsLeftovers.None, (all, name) => all | s_leftovers[name]);
        var services = new ServiceCollection()
            .AddSingleton(invocation.TimeProvider)
            .AddCoriolisAws()
            .Configure<AwsMorphOptions>(options => options.Remove &= ~kept)
            .AddCoriolisMorphing()
            .BuildServiceProvider();
        await using var scope = services.ConfigureAwait(false);
        var morphing = services.GetRequiredService<GuestMorphing>();
        var passphrase = await PassphraseFile.ReadAsync(invocation.GetOptional(_passphrase), cancellationToken).ConfigureAwait(false);
        if (invocation.GetOptional(_undo) is { } report)
            return await UndoAsync(invocation, morphing, report, passphrase, cancellationToken).ConfigureAwait(false);

        var request = new GuestMorphRequest
        {
            Disks = invocation.Get(_disks),
            ReportPath = invocation.GetOptional(_report),
            DryRun = invocation.Get(_dryRun),
            Passphrase = passphrase,
            Morph = new() { PreserveStaticNetwork = invocation.Get(_keepAddresses) },
        };
        var result = await morphing.MorphAsync(request, cancellationToken).ConfigureAwait(false);
        if (invocation.Json)
            invocation.Terminal.WriteJson(MorphDocument.From(result, request.DryRun), CliJsonContext.Readable.MorphDocument);
        else
            MorphResultWriter.Write(invocation.Terminal, result, request.DryRun);

        return result.Os.Type == OsType.Linux ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<int> UndoAsync(
        Invocation invocation, GuestMorphing morphing, string report, ReadOnlyMemory<byte> passphrase, CancellationToken cancellationToken)
    {
        var count = await morphing.UndoAsync(report, passphrase, cancellationToken).ConfigureAwait(false);
        if (invocation.Json)
            invocation.Terminal.WriteJson(new MorphUndoDocument(count), CliJsonContext.Readable.MorphUndoDocument);
        else
            invocation.Terminal.WriteResult(count == 0 ? "The morph was undone already." : $"{count} files are as they were before the morph.");
        return ExitCode.Done;
    }
}
