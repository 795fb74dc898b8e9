using System.Text;
using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Launches a worker: key pair, security group, instance, and waits until it has an address. Knows the way back to one that runs.</summary>
internal sealed class WorkerLauncher(
    IAmazonEC2 ec2, AwsGateway gateway, WorkerImages images, WorkerPlacement placement,
    CallerAddress caller, AwsSourceOptions options, TimeProvider timeProvider, Random random, ILogger logger)
{
    /// <summary>Finds out what workers are launched with. Creates nothing.</summary>
    /// <exception cref="SourceException">The image, the type or the subnet does not exist or does not fit.</exception>
    public async Task<LaunchPlan> PlanAsync(SourceInstance source, CancellationToken cancellationToken)
    {
        var first = await placement.FirstTypeAsync(source, cancellationToken).ConfigureAwait(false);
        var image = await images.ChooseAsync(first, cancellationToken).ConfigureAwait(false);
        await images.CheckWindowsAsync(source, cancellationToken).ConfigureAwait(false);
        _ = AgentFiles.Find(options, image.Architecture.Value);
        var subnets = await placement.SubnetsAsync(source, cancellationToken).ConfigureAwait(false);
        return new LaunchPlan(first, image, subnets, options.WorkerAllowedCidr ?? await caller.FindAsync(cancellationToken).ConfigureAwait(false));
    }

    public async Task<LaunchedWorker> LaunchAsync(WorkerRun run, CancellationToken cancellationToken)
    {
        run.Report("launching a worker");
        var (first, image, subnets, network) = await PlanAsync(run.Source, cancellationToken).ConfigureAwait(false);
        await ImportKeyAsync(run, cancellationToken).ConfigureAwait(false);
        var groupId = await CreateGroupAsync(run, subnets[0].VpcId, network, cancellationToken).ConfigureAwait(false);
        CoriolisException? last = null;
        foreach (var subnet in subnets)
        {
            foreach (var type in WorkerPlacement.TypesFrom(first, image.Architecture.Value))
            {
                try
                {
                    var id = await run.CreateAsync(
                        $"instance/{subnet.SubnetId}/{type}",
                        WorkerResources.Instance,
                        () => RunAsync(run, image, type, subnet, groupId, cancellationToken),
                        cancellationToken).ConfigureAwait(false);
                    return await WaitAsync(run, id, type, cancellationToken).ConfigureAwait(false);
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

    /// <summary>A worker as it is now: a stop and a start give it another address.</summary>
    /// <returns>Null when it does not run, and will not by itself.</returns>
    public async Task<LaunchedWorker?> FindAsync(LaunchedWorker worker, CancellationToken cancellationToken)
    {
        var instance = await DescribeAsync(worker.Id, cancellationToken).ConfigureAwait(false);
        return instance?.State.Name == InstanceStateName.Running && AddressOf(instance) is { Length: > 0 } address
            ? worker with { Instance = instance, Address = address }
            : null;
    }

    /// <summary>Waits until a worker that was started has an address.</summary>
    public Task<LaunchedWorker> WaitAsync(WorkerRun run, LaunchedWorker worker, CancellationToken cancellationToken) =>
        WaitAsync(run, worker.Id, worker.Type, cancellationToken);

    /// <summary>Asks for a worker's end without waiting for it; the release of the capture makes sure of it.</summary>
    public async Task DiscardAsync(LaunchedWorker worker)
    {
        try
        {
            await gateway.InvokeAsync(
                new AwsCall("ec2", "TerminateInstances", worker.Id) { Repeatable = false },
                token => ec2.TerminateInstancesAsync(new TerminateInstancesRequest([worker.Id]), token),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (CoriolisException error)
        {
            logger.DiscardFailed(worker.Id, error.Problem);
        }
    }

    private string? AddressOf(Instance? instance) => options.WorkerPrivateAddress ? instance?.PrivateIpAddress : instance?.PublicIpAddress;

    private Task<string> ImportKeyAsync(WorkerRun run, CancellationToken cancellationToken) => run.CreateAsync(
        "key-pair",
        WorkerResources.KeyPair,
        () => OrExistingAsync(
            "InvalidKeyPair.Duplicate",
            async () => (await gateway.InvokeAsync(
                new AwsCall("ec2", "ImportKeyPair", run.Name) { Cancellable = false },
                token => ec2.ImportKeyPairAsync(
                    new ImportKeyPairRequest
                    {
                        KeyName = run.Name,
                        PublicKeyMaterial = Convert.ToBase64String(Encoding.ASCII.GetBytes(run.Login.PublicKey)),
                        TagSpecifications = [run.Tags(Amazon.EC2.ResourceType.KeyPair)],
                    },
                    token),
                cancellationToken).ConfigureAwait(false)).KeyPairId,
            async () => (await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeKeyPairs", run.Name) { NamesNew = true },
                token => ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest { KeyNames = [run.Name] }, token),
                cancellationToken).ConfigureAwait(false)).KeyPairs?.FirstOrDefault()?.KeyPairId,
            cancellationToken),
        cancellationToken);

    private async Task<string> CreateGroupAsync(WorkerRun run, string vpcId, string cidr, CancellationToken cancellationToken)
    {
        var groupId = await run.CreateAsync(
            "security-group",
            WorkerResources.SecurityGroup,
            () => OrExistingAsync(
                "InvalidGroup.Duplicate",
                async () => (await gateway.InvokeAsync(
                    new AwsCall("ec2", "CreateSecurityGroup", vpcId) { Cancellable = false },
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
                async () => (await gateway.InvokeAsync(
                    new AwsCall("ec2", "DescribeSecurityGroups", run.Name),
                    token => ec2.DescribeSecurityGroupsAsync(
                        new DescribeSecurityGroupsRequest { Filters = [Ec2Names.Filter("group-name", run.Name)] }, token),
                    cancellationToken).ConfigureAwait(false)).SecurityGroups?.FirstOrDefault()?.GroupId,
                cancellationToken),
            cancellationToken).ConfigureAwait(false);
        var rules = new AuthorizeSecurityGroupIngressRequest
        {
            GroupId = groupId,
            IpPermissions = [.. new[] { WorkerShell.Port, AgentRoute.AgentPort }.Select(port => new IpPermission
            {
                IpProtocol = "tcp",
                FromPort = port,
                ToPort = port,
                Ipv4Ranges = [new IpRange { CidrIp = cidr, Description = "the controller" }],
            })],
        };
        await OrExistingAsync(
            "InvalidPermission.Duplicate",
            async () =>
            {
                await gateway.InvokeAsync(
                    new AwsCall("ec2", "AuthorizeSecurityGroupIngress", groupId) { NamesNew = true },
                    token => ec2.AuthorizeSecurityGroupIngressAsync(rules, token),
                    cancellationToken).ConfigureAwait(false);
                return groupId;
            },
            () => Task.FromResult<string?>(groupId),
            cancellationToken).ConfigureAwait(false);
        return groupId;
    }

    /// <summary>Creates something under the run's own name. That it exists already says that an earlier attempt's answer was lost (R-20).</summary>
    private async Task<string> OrExistingAsync(
        string duplicate, Func<Task<string>> create, Func<Task<string?>> find, CancellationToken cancellationToken)
    {
        try
        {
            return await create().ConfigureAwait(false);
        }
        catch (CoriolisException error) when (error.ErrorCode == duplicate)
        {
            var started = timeProvider.GetTimestamp();
            var backoff = new Backoff(TimeSpan.FromSeconds(1), options.PollInterval, timeProvider, random);
            while (true)
            {
                if (await find().ConfigureAwait(false) is { } id)
                {
                    return id;
                }

                if (timeProvider.GetElapsedTime(started) > AwsGateway.NotYet)
                {
                    throw;
                }

                await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
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
            new AwsCall("ec2", "RunInstances", image.ImageId) { Cancellable = false, NamesNew = true },
            token => ec2.RunInstancesAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        return response.Reservation.Instances[0].InstanceId;
    }

    private async Task<LaunchedWorker> WaitAsync(WorkerRun run, string instanceId, string type, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(500), options.PollInterval, timeProvider, random);
        while (true)
        {
            var instance = await DescribeAsync(instanceId, cancellationToken).ConfigureAwait(false);
            if (instance is not null)
            {
                run.See(instanceId);
            }

            var address = AddressOf(instance);
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
