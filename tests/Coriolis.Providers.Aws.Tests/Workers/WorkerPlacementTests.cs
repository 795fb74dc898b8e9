using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws.Tests.Workers;

public sealed class WorkerPlacementTests
{
    [Test]
    public async Task SubnetsAsync_InstanceInNoVpcAndNoDefaultVpc_SaysSoAndNamesSubnets()
    {
        await using var account = await TestAccount.StartAsync(emulator: static options => options.DefaultVpc = false);
        var source = await InNoVpcAsync(account);

        var error = Assert.ThrowsAsync<SourceException>(() => FindAsync(account, source, new AwsSourceOptions()));

        Assert.That(error!.Problem, Does.Contain("no default VPC").And.Contain(TestAccount.Region));
        Assert.That(error.Remedy, Does.Contain("worker_subnet_id").And.Match("subnet-[0-9a-f]{17}"));
        Assert.That(account.Emulator.Calls.GetCounts().Keys, Does.Not.Contain("ec2:RunInstances"));
    }

    [Test]
    public async Task SubnetsAsync_InstanceInNoVpc_TakesTheDefaultSubnets()
    {
        await using var account = await TestAccount.StartAsync();
        var source = await InNoVpcAsync(account);

        var subnets = await FindAsync(account, source, new AwsSourceOptions());

        Assert.That(subnets, Is.Not.Empty);
        Assert.That(subnets.Select(static subnet => subnet.DefaultForAz), Is.All.True);
    }

    [Test]
    public async Task SubnetsAsync_WithAConfiguredSubnetAndNoDefaultVpc_TakesIt()
    {
        await using var account = await TestAccount.StartAsync(emulator: static options => options.DefaultVpc = false);
        var source = await InNoVpcAsync(account);
        var known = await account.Ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest());
        var wanted = known.Subnets[^1].SubnetId;

        var subnets = await FindAsync(account, source, new AwsSourceOptions { WorkerSubnetId = wanted });

        Assert.That(subnets.Select(static subnet => subnet.SubnetId), Is.EqualTo(new[] { wanted }));
    }

    private static async Task<SourceInstance> InNoVpcAsync(TestAccount account)
    {
        var seeded = await account.Emulator.Admin.CreateInstanceAsync(TestAccount.Region, new() { Volumes = [new() { SizeGiB = 1 }] });
        return await account.Provider.GetInstanceAsync(seeded.InstanceId) with { VpcId = null, SubnetId = null };
    }

    private static async Task<IReadOnlyList<Subnet>> FindAsync(TestAccount account, SourceInstance source, AwsSourceOptions options)
    {
        var gateway = TestGateway.Create(account.Clock);
        var placement = new WorkerPlacement(account.Ec2, gateway, new InstanceTypeCatalog(account.Ec2, gateway), options);
        return await placement.SubnetsAsync(source, CancellationToken.None);
    }
}
