using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>What workers of an instance are launched with.</summary>
/// <param name="FirstType">The instance type to begin with.</param>
/// <param name="Image">The image, which fits the type.</param>
/// <param name="Subnets">Subnets of one VPC, in the order in which they are tried.</param>
/// <param name="Network">Who may connect to the workers, in CIDR notation.</param>
internal sealed record LaunchPlan(InstanceTypeInfo FirstType, Image Image, IReadOnlyList<Subnet> Subnets, string Network);
