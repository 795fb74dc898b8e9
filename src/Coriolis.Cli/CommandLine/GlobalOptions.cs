using System.CommandLine;
using System.CommandLine.Parsing;

namespace Coriolis.Cli;

/// <summary>The options that every command has.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Region = new("--region")
    {
        Description = "AWS region; otherwise AWS_REGION or the profile's.",
        HelpName = "REGION",
        Recursive = true,
    };

    public static readonly Option<string?> Profile = new("--profile")
    {
        Description = "Profile of the AWS configuration files; otherwise AWS_PROFILE or the SDK's usual chain.",
        HelpName = "NAME",
        Recursive = true,
    };

    public static readonly Option<string?> EndpointUrl = new("--endpoint-url")
    {
        Description = "Send every AWS call to this address; otherwise AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_EC2, ….",
        HelpName = "URL",
        Recursive = true,
    };

    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Results and errors only.",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Log what is done to standard error, with stack traces of errors.",
        Recursive = true,
    };

    static GlobalOptions()
    {
        EndpointUrl.Validators.Add(RequireHttpAddress);
        Region.Validators.Add(RequireText);
        Profile.Validators.Add(RequireText);
        Quiet.Validators.Add(result =>
        {
            if (result.GetValue(Quiet) && result.GetValue(Verbose))
            {
                result.AddError("--quiet and --verbose exclude each other.");
            }
        });
    }

    public static void AddTo(Command root)
    {
        root.Add(Region);
        root.Add(Profile);
        root.Add(EndpointUrl);
        root.Add(Quiet);
        root.Add(Verbose);
    }

    private static void RequireHttpAddress(OptionResult result)
    {
        var text = result.GetValueOrDefault<string?>();
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            result.AddError($"--endpoint-url must be an absolute http or https address, not '{text}'.");
        }
        else if (address.UserInfo.Length > 0)
        {
            result.AddError("--endpoint-url must not contain a user or a password: addresses are printed.");
        }
    }

    private static void RequireText(OptionResult result)
    {
        if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string?>()))
        {
            result.AddError($"{result.Option.Name} must not be empty.");
        }
    }
}
