using System.CommandLine;

namespace Coriolis.Cli;

/// <summary>The two folders that a replica lives in.</summary>
internal static class ReplicaFolders
{
    public static Option<string> CreateTo() => new("--to")
    {
        Description = "Folder of the replica; each disk is the file DIR/<volume-id>.raw.",
        HelpName = "DIR",
        Required = true,
    };

    public static Option<string> CreateState() => new("--state")
    {
        Description = "Folder of the manifests and the journal; the next run continues from it.",
        HelpName = "DIR",
        Required = true,
    };

    /// <summary>Checks both folders and reports every problem at once.</summary>
    /// <remarks>
    /// The folder of the replica must exist: a missing one may be a disk that is not mounted. The state folder is created.
    /// </remarks>
    /// <exception cref="UsageException">A folder is missing, or is not a folder.</exception>
    public static void Check(string to, string state)
    {
        var problems = new List<string>();
        if (File.Exists(to))
        {
            problems.Add($"--to {to} is a file, not a folder.");
        }
        else if (!Directory.Exists(to))
        {
            problems.Add($"--to {to} does not exist. Create it with 'mkdir -p {to}', or mount what belongs there.");
        }

        if (File.Exists(state))
        {
            problems.Add($"--state {state} is a file, not a folder.");
        }

        if (problems.Count > 0)
        {
            throw new UsageException(problems);
        }
    }
}
