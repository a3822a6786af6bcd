using System.Text.Json;
using Wherry.Client;
using Wherry.Server.Store;

namespace Wherry.Server.Receipts;

/// <summary>Receipts, and the notes of those that are not written yet.</summary>
internal sealed class ReceiptStore(Database database)
{
    public Task NoteAsync(TeamId team, string deployment, RunNotes notes, CancellationToken ct) => database.For(team).ExecuteAsync(
        "INSERT INTO receipt (deployment_id, team_id, notes) VALUES (@deployment, @team, @notes) ON CONFLICT (deployment_id) DO UPDATE SET notes = excluded.notes",
        new { deployment, notes = JsonSerializer.Serialize(notes, NotesJson.Default.RunNotes) }, ct);

    public async Task<RunNotes?> FindNotesAsync(TeamId team, string deployment, CancellationToken ct) =>
        await database.For(team).FindAsync<string>("SELECT notes FROM receipt WHERE team_id = @team AND deployment_id = @deployment", new { deployment }, ct) is { } text
            ? JsonSerializer.Deserialize(text, NotesJson.Default.RunNotes)
            : null;

    public Task SaveAsync(TeamId team, string deployment, Receipt receipt, CancellationToken ct) => database.For(team).ExecuteAsync(
        "INSERT INTO receipt (deployment_id, team_id, body) VALUES (@deployment, @team, @body) ON CONFLICT (deployment_id) DO UPDATE SET body = excluded.body, notes = NULL",
        new { deployment, body = JsonSerializer.Serialize(receipt, ClientJson.Default.Receipt) }, ct);

    /// <summary>The receipt, or <see langword="null"/> while the deployment runs.</summary>
    public async Task<Receipt?> FindAsync(TeamId team, string deployment, CancellationToken ct) =>
        await database.For(team).FindAsync<string>("SELECT body FROM receipt WHERE team_id = @team AND deployment_id = @deployment", new { deployment }, ct) is { } text
            ? JsonSerializer.Deserialize(text, ClientJson.Default.Receipt)
            : null;
}
