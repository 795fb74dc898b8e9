using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2;

/// <summary>Executes an operation: reads the call's parameters, changes the region, writes the response.</summary>
internal delegate Task Ec2Handler(Ec2Call call, CancellationToken cancellationToken);
