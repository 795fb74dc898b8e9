namespace Coriolis.Storage;

/// <summary>Under a name of ours is something that is not ours: a symbolic link, a pipe, a device. It was not touched.</summary>
internal sealed class ForeignFileException(string message) : IOException(message)
{
    /// <summary>What the user can do about it.</summary>
    public const string Remedy = "Find out who put it there, and remove it. To keep a folder elsewhere, give its own path.";
}
