using System.CommandLine;
using System.CommandLine.Parsing;
using Coriolis.Providers.Aws;

namespace Coriolis.Cli;

internal sealed class OptionsCommand : CliCommand
{
    private readonly Option<string[]> _names = new("--option")
    {
        Description = $"Only this setting; may be given several times: {string.Join(", ", AwsSourceCatalog.OptionNames)}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string> _environment = new("--source-environment")
    {
        Description = "The source environment whose settings are shown as the defaults, as JSON.",
        HelpName = "JSON",
        DefaultValueFactory = _ => "{}",
    };

    public OptionsCommand()
        : base(
            "options",
            "Lists the images, instance types and subnets of the region that the source environment can name.",
            hasJson: true,
            "options --region eu-west-1",
            "options --option worker_subnet_id --json")
    {
        _names.CompletionSources.Add([.. AwsSourceCatalog.OptionNames]);
        _names.Validators.Add(RequireKnown);
        AddAll(_names, _environment);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var services = SessionServices.Create(invocation, environment: invocation.Get(_environment));
        await using var scope = services.ConfigureAwait(false);
        var options = await services.Catalog.ListAsync(invocation.Get(_names), cancellationToken).ConfigureAwait(false);
        if (invocation.Json)
        {
            IReadOnlyList<SourceOptionDocument> documents = [.. options.Select(SourceOptionDocument.From)];
            invocation.Terminal.WriteJson(documents, CliJsonContext.Readable.IReadOnlyListSourceOptionDocument);
            return ExitCode.Done;
        }

        var table = new TextTable("SETTING", "VALUE", "NAME", "OS");
        foreach (var option in options)
        {
            foreach (var value in option.Values)
            {
                var mark = value.Id == option.Default ? " (default)" : "";
                table.Add(option.Name, value.Id + mark, value.Name ?? "", value.OsType ?? "");
            }
        }

        table.WriteTo(invocation.Terminal);
        return ExitCode.Done;
    }

    private static void RequireKnown(OptionResult result)
    {
        foreach (var name in result.GetValueOrDefault<string[]>().Where(static name => !AwsSourceCatalog.OptionNames.Contains(name)))
        {
            result.AddError($"--option {name} has no values to list; these have: {string.Join(", ", AwsSourceCatalog.OptionNames)}.");
        }
    }
}
