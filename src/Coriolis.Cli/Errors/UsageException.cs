namespace Coriolis.Cli;

/// <summary>The command line or what it points to is wrong; holds every problem, not only the first.</summary>
internal sealed class UsageException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
