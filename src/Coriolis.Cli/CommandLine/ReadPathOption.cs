using System.CommandLine;
using System.CommandLine.Parsing;
using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>The option <c>--read-path</c>.</summary>
internal static class ReadPathOption
{
    public static Option<string> Create(string fallback)
    {
        var option = new Option<string>("--read-path")
        {
            Description = "How the disks are read: over the EBS block API (direct), through a temporary instance (worker), "
                + "or directly where that is allowed (auto).",
            HelpName = "auto|direct|worker",
            DefaultValueFactory = _ => fallback,
        };
        option.CompletionSources.Add("auto", "direct", "worker");
        option.Validators.Add(Require);
        return option;
    }

    public static ReadPath Parse(string text) => Enum.Parse<ReadPath>(text, ignoreCase: true);

    private static void Require(OptionResult result)
    {
        var text = result.GetValueOrDefault<string>();
        if (text is not ("auto" or "direct" or "worker"))
        {
            result.AddError($"--read-path must be auto, direct or worker, not '{text}'.");
        }
    }
}
