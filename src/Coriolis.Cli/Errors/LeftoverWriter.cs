using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>Says what is left in the account and how to get rid of it.</summary>
internal static class LeftoverWriter
{
    public static void Write(Action<string> write, IReadOnlyList<LeftoverResource> leftBehind)
    {
        if (leftBehind.Count == 0)
        {
            return;
        }

        write("Left behind in the account; 'coriolis-aws sweep' removes it:");
        foreach (var resource in leftBehind)
        {
            write($"  {resource.Type} {resource.Id}: {resource.Why}");
        }
    }
}
