using System.CommandLine;

namespace Coriolis.Cli;

/// <summary>The INSTANCE argument that several commands share.</summary>
internal static class InstanceArgument
{
    public static Argument<string> Create()
    {
        var argument = new Argument<string>("INSTANCE") { Description = "The id of the instance, or its Name tag." };
        argument.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (string.IsNullOrWhiteSpace(text))
            {
                result.AddError("INSTANCE must not be empty.");
            }
            else if (text.StartsWith('-'))
            {
                result.AddError($"Unrecognized option '{text}'.");
            }
        });
        return argument;
    }
}
