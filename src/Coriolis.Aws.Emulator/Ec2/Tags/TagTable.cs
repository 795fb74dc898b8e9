using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Tags;

/// <summary>One kind of resource, as far as its tags go.</summary>
internal sealed record TagTable(
    ResourceKind Kind,
    Func<IEnumerable<IResource>> All,
    Func<string, IResource?> Find,
    Action<string, IReadOnlyDictionary<string, string>> SetTags);
