namespace Coriolis.Cli;

/// <summary>The command line or what it points to is wrong; holds every problem, not only the first.</summary>
internal sealed class UsageException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;

    /// <summary>What a library says about an argument that came from the command line, without the name of the parameter.</summary>
    public static UsageException From(ArgumentException exception) =>
        new([exception.Message.Replace($" (Parameter '{exception.ParamName}')", string.Empty, StringComparison.Ordinal)]);
}
