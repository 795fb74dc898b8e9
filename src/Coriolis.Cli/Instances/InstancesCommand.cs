using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Coriolis.Providers;

namespace Coriolis.Cli;

internal sealed class InstancesCommand : CliCommand
{
    private readonly Option<string?> _name = new("--name")
    {
        Description = "Only instances whose Name tag matches; * and ? are wildcards.",
        HelpName = "PATTERN",
    };

    private readonly Option<string[]> _tags = new("--tag")
    {
        Description = "Only instances with this tag; may be given several times.",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    public InstancesCommand()
        : base(
            "instances",
            "Lists the instances of the region that are not terminated.",
            hasJson: true,
            "instances --region eu-west-1",
            "instances --name \"web-*\" --tag env=prod --json")
    {
        _tags.Validators.Add(RequireKeysAndValues);
        AddAll(_name, _tags);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var services = SessionServices.Create(invocation);
        await using var scope = services.ConfigureAwait(false);
        var filter = new InstanceFilter
        {
            NamePattern = invocation.GetOptional(_name),
            Tags = invocation.Get(_tags).Select(Split).ToDictionary(),
        };

        var found = new List<InstanceSummary>();
        await foreach (var instance in services.Source.ListInstancesAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            found.Add(instance);
        }

        if (invocation.Json)
        {
            var document = new InstancesDocument([.. found.Select(InstanceDocument.From)]);
            invocation.Terminal.WriteJson(document, CliJsonContext.Readable.InstancesDocument);
        }
        else
        {
            WriteTable(invocation, found);
        }

        return ExitCode.Done;
    }

    private static void WriteTable(Invocation invocation, List<InstanceSummary> found)
    {
        if (found.Count == 0)
        {
            invocation.Note("No instance matches.");
            return;
        }

        var table = new TextTable("ID", "NAME", "FLAVOR", "VCPUS", "MEMORY", "OS", "STATE", "ZONE");
        foreach (var instance in found)
        {
            table.Add(
                instance.Id,
                instance.Name,
                instance.FlavorName,
                instance.VCpus.ToString(CultureInfo.InvariantCulture),
                ByteSize.Format(instance.MemoryMiB * 1024 * 1024),
                Words.Lower(instance.OsType),
                Words.Lower(instance.PowerState),
                instance.AvailabilityZone);
        }

        table.WriteTo(invocation.Terminal);
    }

    private static KeyValuePair<string, string> Split(string tag)
    {
        var equals = tag.IndexOf('=', StringComparison.Ordinal);
        return new(tag[..equals], tag[(equals + 1)..]);
    }

    private static void RequireKeysAndValues(OptionResult result)
    {
        var tags = result.GetValueOrDefault<string[]>();
        foreach (var tag in tags.Where(tag => tag.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            result.AddError($"--tag must be KEY=VALUE, not '{tag}'.");
        }

        var keys = tags.Where(tag => tag.Contains('=', StringComparison.Ordinal)).Select(tag => Split(tag).Key);
        foreach (var key in keys.GroupBy(key => key).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            result.AddError($"--tag {key} is given more than once; all tags must hold.");
        }
    }
}
