namespace Coriolis.Worker;

/// <summary>A command line that cannot be carried out.</summary>
internal sealed class UsageException(string message) : Exception(message);
