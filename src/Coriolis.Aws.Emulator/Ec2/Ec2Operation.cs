using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2;

/// <summary>One supported operation.</summary>
/// <param name="Parameters">The names that a request may set at its top level.</param>
/// <param name="Changes">Whether the region's state is saved afterwards.</param>
/// <param name="Execute">What answers it.</param>
internal sealed record Ec2Operation(IReadOnlySet<string> Parameters, bool Changes, Ec2Handler Execute)
{
    /// <summary>An operation that only looks.</summary>
    public static Ec2Operation Read(string parameters, Action<Ec2Call> execute) => new(Split(parameters), Changes: false, (call, _) =>
    {
        execute(call);
        return Task.CompletedTask;
    });

    /// <summary>An operation that changes the region.</summary>
    public static Ec2Operation Write(string parameters, Action<Ec2Call> execute) => new(Split(parameters), Changes: true, (call, _) =>
    {
        execute(call);
        return Task.CompletedTask;
    });

    /// <summary>An operation that changes the region and stored bytes.</summary>
    public static Ec2Operation Write(string parameters, Ec2Handler execute) => new(Split(parameters), Changes: true, execute);

    private static HashSet<string> Split(string parameters) =>
        [.. parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries), "Action", "Version", "DryRun"];
}
