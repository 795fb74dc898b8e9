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
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
            {
                result.AddError("INSTANCE must not be empty.");
            }
        });
        return argument;
    }
}
