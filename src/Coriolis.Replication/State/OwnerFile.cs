using System.Text;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>Whose a state directory is: an id that everything carries which its executions create in an account.</summary>
internal static class OwnerFile
{
    private const string Name = "owner";

    // Writing it takes milliseconds.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads the owner of a directory, which is made up when it is first asked for. Processes that ask at once get the same.</summary>
    public static string ReadOrCreate(string directory)
    {
        var path = Path.Combine(directory, Name);
        if (!File.Exists(path))
        {
            Create(path);
        }

        var owner = Encoding.ASCII.GetString(ReadBytes(path)).Trim();
        return Guid.TryParseExact(owner, "N", out _) ? owner : throw StateErrors.Unreadable(path, "it does not hold an owner id");
    }

    // Two processes may both find no owner. Whoever locks the temporary file may write it, unless it has become the owner file meanwhile.
    private static void Create(string path)
    {
        var temporary = path + ".tmp";
        try
        {
            using var file = DurableFile.OpenOrCreate(temporary, FileShare.None);
            if (File.Exists(path))
            {
                File.Delete(temporary);
                return;
            }

            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{Guid.NewGuid():N}\n"), 0);
            RandomAccess.FlushToDisk(file);
            DurableFile.Rename(temporary, path);
        }
        catch (IOException) when (SpinWait.SpinUntil(() => File.Exists(path), s_timeout))
        {
            // The other process was faster; its id is read.
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return DurableFile.ReadAllBytes(path);
        }
        catch (IOException error) when (DurableFile.IsSharingViolation(error) && SpinWait.SpinUntil(() => !DurableFile.IsHeld(path), s_timeout))
        {
            // Whoever has just written it keeps it locked until its name is durable.
            return DurableFile.ReadAllBytes(path);
        }
    }
}
