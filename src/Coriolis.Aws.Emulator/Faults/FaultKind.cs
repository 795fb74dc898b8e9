namespace Coriolis.Aws.Emulator;

/// <summary>What goes wrong with a call. In a fault file the names are written in camel case.</summary>
/// <remarks>A kind that can happen to some calls only names them; a rule that matches none of those is refused.</remarks>
public enum FaultKind
{
    /// <summary>The service's throttling error: RequestLimitExceeded (EC2), RequestThrottledException (EBS), ThrottlingException (KMS).</summary>
    Throttle,

    /// <summary>An error of the service itself: HTTP 500, or the rule's status.</summary>
    ServerError,

    /// <summary>The connection is closed before the call is carried out.</summary>
    DropConnection,

    /// <summary>The call is carried out, and the connection is closed after half of the answer's body.</summary>
    TornBody,

    /// <summary>The call is neither carried out nor answered; the connection stays open until the client gives up.</summary>
    Hang,

    /// <summary>The call is carried out after the rule's duration.</summary>
    Delay,

    /// <summary>The answer's checksum header is not that of its bytes.</summary>
    WrongChecksum,

    /// <summary>One byte of the answer's body is another; its headers are right.</summary>
    CorruptBytes,

    /// <summary>The answer's body is 512 bytes shorter than its data length header says.</summary>
    WrongLength,

    /// <summary>The caller may not do this.</summary>
    AccessDenied,

    /// <summary>The caller's session has ended.</summary>
    ExpiredCredentials,

    /// <summary>The resource that the call names does not exist yet.</summary>
    NotFound,

    /// <summary>What the call creates answers "not found" for the rule's duration when it is asked for by id.</summary>
    LateConsistency,

    /// <summary>The block or page token of the call has expired.</summary>
    ExpiredToken,

    /// <summary>
    /// A list call answers fewer entries than it could, and a token for the rest: <c>ebs:ListSnapshotBlocks</c>, <c>ebs:ListChangedBlocks</c>.
    /// </summary>
    ShortPage,

    /// <summary>A list call answers no entry, and a token for the rest: <c>ebs:ListSnapshotBlocks</c>, <c>ebs:ListChangedBlocks</c>.</summary>
    EmptyPage,

    /// <summary>
    /// The encryption key is disabled: EBS denies access (all calls of <c>ebs</c>), KMS describes it as disabled (<c>kms:DescribeKey</c>), a new
    /// volume never becomes available (<c>ec2:CreateVolume</c>).
    /// </summary>
    DisabledKey,

    /// <summary>
    /// The snapshots that the call creates stay pending: <c>ec2:CreateSnapshot</c>, <c>ec2:CreateSnapshots</c>, <c>ebs:CompleteSnapshot</c>.
    /// </summary>
    StuckSnapshot,

    /// <summary>
    /// The snapshots that the call creates end in the state <c>error</c>: <c>ec2:CreateSnapshot</c>, <c>ec2:CreateSnapshots</c>,
    /// <c>ebs:CompleteSnapshot</c>.
    /// </summary>
    FailedSnapshot,

    /// <summary>The volume that the call creates (<c>ec2:CreateVolume</c>) vanishes instead of becoming available.</summary>
    FailedVolume,

    /// <summary>There is no capacity for the instance: InsufficientInstanceCapacity.</summary>
    InsufficientCapacity,

    /// <summary>The call is carried out but not answered; the connection stays open until the client gives up.</summary>
    LostAnswer,

    /// <summary>The volume that the call attaches (<c>ec2:AttachVolume</c>) stays in the state <c>attaching</c>.</summary>
    StuckAttachment,

    /// <summary>The real worker that RunInstances makes runs as far as AWS can tell, and never boots.</summary>
    NoBoot,

    /// <summary>The real worker that RunInstances makes has no SSH server.</summary>
    NoSshServer,

    /// <summary>The real worker that RunInstances makes has another SSH host key than its user data says.</summary>
    WrongHostKey,

    /// <summary>Of the real worker that RunInstances makes, only port 22 can be reached.</summary>
    ClosedPorts,

    /// <summary>The real worker that RunInstances makes fails and is terminated, once it has read the rule's bytes of its volumes.</summary>
    MachineFailure,

    /// <summary>
    /// The real worker that RunInstances makes reboots by itself, once it has read the rule's bytes of its volumes. The kernel numbers NVMe disks
    /// in another order then.
    /// </summary>
    MachineReboot,

    /// <summary>All connections of the real worker that RunInstances makes are reset, once it has read the rule's bytes of its volumes.</summary>
    ConnectionReset,

    /// <summary>
    /// The real worker that RunInstances makes reads the rule's bytes per second of each volume, and no more. The host must let its disks be limited
    /// (cgroups).
    /// </summary>
    SlowDisk,

    /// <summary>The real worker that RunInstances makes lets no key in: neither the imported one nor those of its user data.</summary>
    RefusedKey,

    /// <summary>Files that are uploaded to the real worker that RunInstances makes arrive with other bytes. The host must have Perl.</summary>
    AlteredUpload,

    /// <summary>
    /// The second half of the last volume of the real worker that RunInstances makes cannot be read (EIO), once it has read the rule's bytes of its volumes.
    /// </summary>
    UnreadableDisk,

    /// <summary>The last volume of the real worker that RunInstances makes shrinks to half its size, once the worker has read the rule's bytes of its volumes.</summary>
    ShrunkenDisk,

    /// <summary>
    /// The last volume of the real worker that RunInstances makes is detached by force and deleted, once the worker has read the rule's bytes of its volumes.
    /// </summary>
    LostDisk,
}
