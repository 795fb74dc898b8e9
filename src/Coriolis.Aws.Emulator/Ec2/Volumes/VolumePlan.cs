using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>A volume that was checked and not yet made.</summary>
internal sealed record VolumePlan(VolumeRecord Record, VolumeContent Content);
