using System.Text;
using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Launches a worker: key pair, security group, instance, and waits until it has an address.</summary>
internal sealed class WorkerLauncher(
    IAmazonEC2 ec2, AwsGateway gateway, InstanceTypeCatalog types, WorkerImages images, WorkerPlacement placement,
    CallerAddress caller, AwsSourceOptions options, TimeProvider timeProvider, Random random)
{
    public async Task<LaunchedWorker> LaunchAsync(WorkerRun run, CancellationToken cancellationToken)
    {
        run.Report("launching a worker");
        var image = await images.ChooseAsync(await types.GetAsync(options.WorkerInstanceType, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        _ = AgentFiles.Find(options, image.Architecture.Value);
        var subnets = await placement.SubnetsAsync(run.Source, cancellationToken).ConfigureAwait(false);
        var network = options.WorkerAllowedCidr ?? await caller.FindAsync(cancellationToken).ConfigureAwait(false);
        await ImportKeyAsync(run, cancellationToken).ConfigureAwait(false);
        var groupId = await CreateGroupAsync(run, subnets[0].VpcId, network, cancellationToken).ConfigureAwait(false);
        CoriolisException? last = null;
        foreach (var subnet in subnets)
        {
            foreach (var type in placement.Types(image.Architecture.Value))
            {
                try
                {
                    var id = await run.CreateAsync(
                        $"instance/{subnet.SubnetId}/{type}",
                        WorkerResources.Instance,
                        () => RunAsync(run, image, type, subnet, groupId, cancellationToken),
                        cancellationToken).ConfigureAwait(false);
                    return await WaitAsync(id, type, cancellationToken).ConfigureAwait(false);
                }
                catch (CoriolisException error) when (WorkerPlacement.IsAboutCapacity(error))
                {
                    last = error;
                    run.Report($"no worker of type {type} in {subnet.AvailabilityZone}: {error.ErrorCode}");
                }
            }
        }

        throw new SourceException($"No worker can be had in {string.Join(", ", subnets.Select(static subnet => subnet.AvailabilityZone))}: {last?.Problem}", last)
        {
            ErrorCode = last?.ErrorCode,
            RequestId = last?.RequestId,
            Remedy = "Set worker_instance_type to a type with capacity, raise the quota, or use the read path direct.",
            IsTransient = true,
        };
    }

    private Task<string> ImportKeyAsync(WorkerRun run, CancellationToken cancellationToken) => run.CreateAsync(
        "key-pair",
        WorkerResources.KeyPair,
        async () => (await gateway.InvokeAsync(
            new AwsCall("ec2", "ImportKeyPair", run.Name) { Repeatable = false, Cancellable = false },
            token => ec2.ImportKeyPairAsync(
                new ImportKeyPairRequest
                {
                    KeyName = run.Name,
                    PublicKeyMaterial = Convert.ToBase64String(Encoding.ASCII.GetBytes(run.Login.PublicKey)),
                    TagSpecifications = [run.Tags(Amazon.EC2.ResourceType.KeyPair)],
                },
                token),
            cancellationToken).ConfigureAwait(false)).KeyPairId,
        cancellationToken);

    private async Task<string> CreateGroupAsync(WorkerRun run, string vpcId, string cidr, CancellationToken cancellationToken)
    {
        var groupId = await run.CreateAsync(
            "security-group",
            WorkerResources.SecurityGroup,
            async () => (await gateway.InvokeAsync(
                new AwsCall("ec2", "CreateSecurityGroup", vpcId) { Repeatable = false, Cancellable = false },
                token => ec2.CreateSecurityGroupAsync(
                    new CreateSecurityGroupRequest
                    {
                        GroupName = run.Name,
                        Description = $"Worker of {run.Source.Id}, execution {run.Request.ExecutionId}",
                        VpcId = vpcId,
                        TagSpecifications = [run.Tags(Amazon.EC2.ResourceType.SecurityGroup)],
                    },
                    token),
                cancellationToken).ConfigureAwait(false)).GroupId,
            cancellationToken).ConfigureAwait(false);
        var rules = new AuthorizeSecurityGroupIngressRequest
        {
            GroupId = groupId,
            IpPermissions = [.. new[] { WorkerShell.Port, WorkerSession.AgentPort }.Select(port => new IpPermission
            {
                IpProtocol = "tcp",
                FromPort = port,
                ToPort = port,
                Ipv4Ranges = [new IpRange { CidrIp = cidr, Description = "the controller" }],
            })],
        };
        await gateway.InvokeAsync(
            new AwsCall("ec2", "AuthorizeSecurityGroupIngress", groupId), token => ec2.AuthorizeSecurityGroupIngressAsync(rules, token), cancellationToken)
            .ConfigureAwait(false);
        return groupId;
    }

    private async Task<string> RunAsync(WorkerRun run, Image image, string type, Subnet subnet, string groupId, CancellationToken cancellationToken)
    {
        var root = image.BlockDeviceMappings.Find(static device => device.Ebs is not null)!;
        var request = new RunInstancesRequest
        {
            ClientToken = run.Token($"instance/{subnet.SubnetId}/{type}"),
            ImageId = image.ImageId,
            InstanceType = type,
            MinCount = 1,
            MaxCount = 1,
            KeyName = run.Name,
            UserData = WorkerUserData.Create(run.HostKey, run.Login, options.WorkerLease),
            InstanceInitiatedShutdownBehavior = ShutdownBehavior.Terminate,
            MetadataOptions = new InstanceMetadataOptionsRequest { HttpTokens = HttpTokensState.Required, HttpPutResponseHopLimit = 1 },
            BlockDeviceMappings = [new BlockDeviceMapping { DeviceName = root.DeviceName, Ebs = new EbsBlockDevice { DeleteOnTermination = true } }],
            NetworkInterfaces =
            [
                new InstanceNetworkInterfaceSpecification
                {
                    DeviceIndex = 0,
                    SubnetId = subnet.SubnetId,
                    Groups = [groupId],
                    AssociatePublicIpAddress = !options.WorkerPrivateAddress,
                    DeleteOnTermination = true,
                },
            ],
            TagSpecifications = [run.Tags(Amazon.EC2.ResourceType.Instance), run.Tags(Amazon.EC2.ResourceType.Volume)],
        };

        // A request that is under way is not cancelled: it may have launched an instance whose id nobody would know.
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "RunInstances", image.ImageId) { Cancellable = false },
            token => ec2.RunInstancesAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        return response.Reservation.Instances[0].InstanceId;
    }

    private async Task<LaunchedWorker> WaitAsync(string instanceId, string type, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(500), options.PollInterval, timeProvider, random);
        while (true)
        {
            var instance = await DescribeAsync(instanceId, cancellationToken).ConfigureAwait(false);
            var address = options.WorkerPrivateAddress ? instance?.PrivateIpAddress : instance?.PublicIpAddress;
            if (instance?.State.Name == InstanceStateName.Running && !string.IsNullOrEmpty(address))
            {
                return new LaunchedWorker(instance, type, address);
            }

            if (instance is { State.Name.Value: not ("pending" or "running") })
            {
                throw new SourceException($"The worker {instanceId} is {instance.State.Name}: {instance.StateReason?.Message ?? "AWS does not say why"}.")
                {
                    ResourceId = instanceId,
                    ErrorCode = instance.StateReason?.Code,
                    Remedy = "Run again, or use the read path direct.",
                    IsTransient = true,
                };
            }

            if (timeProvider.GetElapsedTime(started) > options.WorkerBootTimeout)
            {
                throw new SourceException($"The worker {instanceId} has no address after {options.WorkerBootTimeout}.")
                {
                    ResourceId = instanceId,
                    Remedy = "Use a subnet that gives addresses, set worker_private_address, or raise worker_boot_timeout.",
                };
            }

            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Instance?> DescribeAsync(string instanceId, CancellationToken cancellationToken)
    {
        try
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeInstances", instanceId),
                token => ec2.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [instanceId] }, token),
                cancellationToken).ConfigureAwait(false);
            return response.Reservations?.FirstOrDefault()?.Instances?.FirstOrDefault();
        }
        catch (InstanceNotFoundException)
        {
            // EC2 is eventually consistent; the deadline of the wait ends it.
            return null;
        }
    }
}
