using Coriolis.Aws.Emulator.Ec2.Encryption;
using Coriolis.Aws.Emulator.Ec2.InstanceTypes;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Workers;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>RunInstances: everything is checked first, then volumes, interfaces and instances are made.</summary>
internal sealed class LaunchOperations(AwsEmulatorOptions options, VolumeFactory volumes)
{
    public const string DefaultInstanceType = "m1.small";

    // The EC2 user guide: user data is limited to 16 KB before it is encoded.
    private const int MaxUserDataBytes = 16 * 1024;

    public async Task RunAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        if (ClientTokens.FindPrevious(call, id => FindLive(call, id), "IdempotentInstanceTerminated") is { } existing)
        {
            Write(call, existing);
            return;
        }

        var count = ReadCount(call);
        var image = FindImage(call);
        var type = FindType(call, image);
        CheckKeyPair(call);
        var nics = LaunchNics.Read(call);
        var subnet = nics[0].Subnet;
        var volumeTags = Tags(call, ResourceKind.Volume);
        var devices = LaunchDevices.Read(call, image, subnet.AvailabilityZone, volumeTags);
        CheckNumbers(call, type, count, devices.Count, nics);
        var placed = LaunchNics.PlaceAll(call, nics, count);
        // Planning checks; the first plan failing leaves nothing behind.
        var plans = Enumerable.Range(0, count)
            .Select(_ => devices.Select(device => (Device: device, Plan: volumes.Plan(call.Region, device.Volume, call.Now, call.Caller))).ToList())
            .ToList();
        var template = NewRecord(call, image, type, nics[0]);
        MetadataOperations.CheckTags(template.Metadata, template.Tags);
        CheckOptions(call, type, plans[0].First(pair => pair.Device.Name == image.RootDeviceName).Plan);

        var instances = new List<InstanceRecord>();
        foreach (var plan in plans)
        {
            instances.Add(await CreateAsync(call, template, instances.Count, placed[instances.Count], plan, cancellationToken).ConfigureAwait(false));
        }

        ClientTokens.Remember(call, [.. instances.Select(static instance => instance.Id)]);
        Write(call, instances);
    }

    private async Task<InstanceRecord> CreateAsync(
        Ec2Call call, InstanceRecord template, int index, IReadOnlyList<LaunchNics.Nic> nics,
        IReadOnlyList<(LaunchDevices.Device Device, VolumePlan Plan)> devices, CancellationToken cancellationToken)
    {
        var (id, sequence) = call.Region.NextId("i");
        LaunchNics.Create(call, nics, id, Tags(call, ResourceKind.NetworkInterface));
        foreach (var (device, plan) in devices)
        {
            var attached = plan.Record with
            {
                State = "in-use",
                // A volume that fails for its key takes the launch with it, see below.
                Next = null,
                Attachments =
                [
                    new VolumeAttachment
                    {
                        InstanceId = id,
                        Device = device.Name,
                        State = "attached",
                        AttachTime = call.Now,
                        DeleteOnTermination = device.DeleteOnTermination,
                    },
                ],
            };
            await volumes.CreateAsync(call.Region, plan with { Record = attached }, cancellationToken).ConfigureAwait(false);
        }

        var instance = template with
        {
            Id = id,
            Sequence = sequence,
            LaunchIndex = index,
            PrivateIp = nics[0].PrivateIp!,
        };
        if (devices.Any(static pair => pair.Plan.Record.Next?.To == RegionSettler.Gone))
        {
            // AWS starts such an instance and stops it when the key turns out to be unusable.
            instance = Fail(call, instance, "Client.InvalidKMSKey.InvalidState", "Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state");
        }
        else if (!devices.All(pair => KeyResolver.CanAttach(call.Region, call.Caller, pair.Plan.Record)))
        {
            instance = Fail(call, instance, PowerOperations.ClientError, PowerOperations.ClientErrorText);
        }

        call.State.Instances[id] = instance;
        return instance;
    }

    private static InstanceRecord Fail(Ec2Call call, InstanceRecord instance, string code, string reason) => instance with
    {
        Next = new Transition(InstanceStates.Terminated, call.Now),
        StateReasonCode = code,
        StateReason = reason,
    };

    private InstanceRecord NewRecord(Ec2Call call, ImageRecord image, InstanceTypeSpec type, LaunchNics.Nic primary)
    {
        var parameters = call.Parameters;
        return new InstanceRecord
        {
            Id = "",
            Sequence = 0,
            PrivateIp = "",
            Tags = Tags(call, ResourceKind.Instance),
            ReservationId = call.Region.NextId("r").Id,
            ImageId = image.Id,
            InstanceType = type.Name,
            State = InstanceStates.Pending,
            Next = new Transition(InstanceStates.Running, call.Now + options.Delays.InstanceStart),
            LaunchTime = call.Now,
            AvailabilityZone = primary.Subnet.AvailabilityZone,
            SubnetId = primary.Subnet.Id,
            VpcId = primary.Subnet.VpcId,
            KeyName = parameters.Text("KeyName"),
            Architecture = image.Architecture,
            VirtualizationType = image.VirtualizationType,
            RootDeviceName = image.RootDeviceName,
            BootMode = image.BootMode,
            Platform = image.Platform,
            PlatformDetails = image.PlatformDetails,
            UsageOperation = image.UsageOperation,
            ClientToken = parameters.Text("ClientToken"),
            ProductCodes = image.ProductCodes,
            HibernationConfigured = parameters.Boolean("HibernationOptions.Configured") ?? false,
            Metadata = MetadataOperations.ReadLaunch(call, image),
            DisableApiTermination = parameters.Boolean("DisableApiTermination") ?? false,
            DisableApiStop = parameters.Boolean("DisableApiStop") ?? false,
            ShutdownBehavior = Choice(call, "InstanceInitiatedShutdownBehavior", "stop", "stop", "terminate"),
            EbsOptimized = parameters.Boolean("EbsOptimized") ?? type.Family.Nitro,
            EnaSupport = image.EnaSupport,
            DetailedMonitoring = parameters.Boolean("Monitoring.Enabled") ?? false,
            Spot = parameters.Text("InstanceMarketOptions.MarketType") == "spot",
            IamInstanceProfileArn = parameters.Text("IamInstanceProfile.Arn")
                ?? (parameters.Text("IamInstanceProfile.Name") is { } name ? $"arn:aws:iam::{call.AccountId}:instance-profile/{name}" : null),
            UserData = UserData(call),
            Hosted = options.RealWorkers && WorkerHost.CanHost(image),
            Fault = options.RealWorkers && WorkerHost.CanHost(image)
                && options.Faults.Take("ec2:RunInstances", [], MachineFault.IsOfMachine) is { } rule
                ? new MachineFault(rule.Kind, rule.AfterBytes, rule.BytesPerSecond)
                : null,
        };
    }

    private static InstanceRecord? FindLive(Ec2Call call, string id) =>
        call.State.Instances.TryGetValue(id, out var instance) && instance.State != InstanceStates.Terminated ? instance : null;

    private static (int Min, int Max) Range(Ec2Call call) => (call.Parameters.RequiredInteger("MinCount"), call.Parameters.RequiredInteger("MaxCount"));

    private static int ReadCount(Ec2Call call)
    {
        var (min, max) = Range(call);
        return min < 1 ? throw Ec2Errors.InvalidValue($"Invalid value '{min}' for min count. Expected at least 1.")
            : max < min ? throw Ec2Errors.InvalidValue($"Invalid value '{max}' for max count. It must not be less than min count, {min}.")
            : max;
    }

    private static ImageRecord FindImage(Ec2Call call)
    {
        if (call.Parameters.Has("LaunchTemplate")) throw Ec2Errors.Unsupported("The emulator has no launch templates.");
        return ResourceKind.Image.Find(call.State.Images, call.Parameters.Required("ImageId"));
    }

    private static InstanceTypeSpec FindType(Ec2Call call, ImageRecord image)
    {
        var name = call.Parameters.Text("InstanceType") ?? DefaultInstanceType;
        if (!InstanceTypeTable.All.TryGetValue(name, out var type)) throw Ec2Errors.InvalidValue($"Invalid value '{name}' for InstanceType.");
        if (!type.Family.Architectures.Contains(image.Architecture))
        {
            throw Ec2Errors.InvalidValue(
                $"The architecture '{string.Join(",", type.Family.Architectures)}' of the specified instance type does not match the architecture "
                + $"'{image.Architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.");
        }

        return image.BootMode is "uefi" && !type.Family.BootModes.Contains("uefi")
            ? throw Ec2Errors.InvalidValue($"The instance type {name} does not support the boot mode 'uefi' of the image {image.Id}.")
            : type;
    }

    private static void CheckKeyPair(Ec2Call call)
    {
        if (call.Parameters.Text("KeyName") is { } name && call.State.KeyPairs.Values.All(pair => pair.Name != name))
        {
            throw Ec2Errors.Create("InvalidKeyPair.NotFound", $"The key pair '{name}' does not exist");
        }
    }

    private void CheckNumbers(Ec2Call call, InstanceTypeSpec type, int count, int devices, IReadOnlyList<LaunchNics.Nic> nics)
    {
        var existing = call.State.Instances.Values.Count(static instance => instance.State != InstanceStates.Terminated);
        if (existing + count > options.Quotas.Instances)
        {
            throw Ec2Errors.Create(
                "InstanceLimitExceeded", $"You have requested more instances than your current instance limit of {options.Quotas.Instances} allows.");
        }

        if (devices > type.MaxVolumes) throw Ec2Errors.Create("AttachmentLimitExceeded", $"{type.Name} has room for {type.MaxVolumes} volumes, not {devices}.");
        if (count > 1 && nics.Any(static nic => nic.PrivateIp is not null))
        {
            throw Ec2Errors.InvalidCombination("A private IP address cannot be specified for more than one instance.");
        }

        volumes.CheckQuota(call.Region, count * devices);
    }

    private static void CheckOptions(Ec2Call call, InstanceTypeSpec type, VolumePlan root)
    {
        if (call.Parameters.Boolean("HibernationOptions.Configured") is not true) return;
        if (!type.Family.Hibernation) throw Ec2Errors.Create("UnsupportedHibernationConfiguration", $"The instance type {type.Name} does not support hibernation.");
        if (!root.Record.Encrypted)
        {
            throw Ec2Errors.Create("UnsupportedHibernationConfiguration", "Hibernation requires the root device volume to be encrypted.");
        }
    }

    private static IReadOnlyDictionary<string, string> Tags(Ec2Call call, ResourceKind kind) =>
        TagSpecifications.Read(call.Parameters, kind, ResourceKind.Instance, ResourceKind.Volume, ResourceKind.NetworkInterface);

    private static string Choice(Ec2Call call, string name, string fallback, params ReadOnlySpan<string> allowed)
    {
        var value = call.Parameters.Text(name) ?? fallback;
        return allowed.Contains(value) ? value : throw Ec2Errors.InvalidValue($"Invalid value '{value}' for {name}.");
    }

    private static string? UserData(Ec2Call call)
    {
        if (call.Parameters.Text("UserData") is not { } encoded) return null;
        try
        {
            return Convert.FromBase64String(encoded).Length <= MaxUserDataBytes
                ? encoded
                : throw Ec2Errors.InvalidValue($"User data is limited to {MaxUserDataBytes} bytes");
        }
        catch (FormatException)
        {
            throw Ec2Errors.InvalidValue("Invalid BASE64 encoding of user data.");
        }
    }

    private static void Write(Ec2Call call, IReadOnlyList<InstanceRecord> instances)
    {
        var reservation = instances.Count > 0 ? instances[0].ReservationId : "";
        InstanceXml.WriteReservation(
            call.Response, call.Region, reservation, instances.Select(instance => InstanceView.Of(instance, call.State)));
    }
}
