using Microsoft.Extensions.Options;

namespace Coriolis.Replication;

/// <summary>Checks each option against its attributes.</summary>
[OptionsValidator]
internal sealed partial class ReplicationOptionsValidator : IValidateOptions<ReplicationOptions>;
