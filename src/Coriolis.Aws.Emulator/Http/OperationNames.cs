using Microsoft.AspNetCore.Http;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>Finds the operation that a request asks for.</summary>
internal static class OperationNames
{
    public static string Find(string service, HttpRequest request, QueryParameters parameters) => service switch
    {
        ServiceNames.Ebs => FindEbs(request.Method, request.Path.Value ?? ""),
        ServiceNames.Kms => request.Headers["X-Amz-Target"].ToString() is var target ? target[(target.LastIndexOf('.') + 1)..] : "",
        _ => parameters.Text("Action") ?? "",
    };

    private static string FindEbs(string method, string path) => (method, path.Trim('/').Split('/')) switch
    {
        ("GET", ["snapshots", _, "blocks"]) => "ListSnapshotBlocks",
        ("GET", ["snapshots", _, "changedblocks"]) => "ListChangedBlocks",
        ("GET", ["snapshots", _, "blocks", _]) => "GetSnapshotBlock",
        ("PUT", ["snapshots", _, "blocks", _]) => "PutSnapshotBlock",
        ("POST", ["snapshots", "completion", _]) => "CompleteSnapshot",
        ("POST", ["snapshots"]) => "StartSnapshot",
        _ => "",
    };
}
